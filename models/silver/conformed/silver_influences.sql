with

told as (
    {% if learns_influences() %}
    select
        influencing_track_key,
        track_key,
        influence as share
    from {{ ref('silver_learned_influences') }}
    {% else %}
    select
        similar_track_key as influencing_track_key,
        track_key,
        similarity * {{ var('influence_of_similarity') }} as share
    from {{ ref('silver_similarities') }}
    {% endif %}
),

silver_tracks as (
    select * from {{ ref('silver_tracks') }}
),

silver_influences as (
    select
        told.influencing_track_key || '|' || told.track_key as influence_key,
        told.influencing_track_key,
        told.track_key,
        silver_tracks.artist_key,
        -- Whole numbers: their sums do not depend on the order of adding.
        cast(round(100000 * told.share) as bigint) as influence,
        row_number() over (
            partition by told.influencing_track_key order by told.share desc, told.track_key asc
        ) as influence_rank
    from told
    inner join silver_tracks on told.track_key = silver_tracks.track_key
    qualify influence_rank <= {{ var('influences_used') }}
)

select * from silver_influences
