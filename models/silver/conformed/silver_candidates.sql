with

silver_user_sources as (
    select * from {{ ref('silver_user_sources') }}
    where {{ of_listeners([ref('silver_plays'), ref('silver_likes')]) }}
),

silver_source_tracks as (
    select * from {{ ref('silver_source_tracks') }}
),

{% if learns_influences() -%}
scored as (
    select * from {{ ref('silver_scored_tracks') }}
),
{% else -%}
silver_unwanted_tracks as (
    select * from {{ ref('silver_unwanted_tracks') }}
),

parts as {{ read_again() }} (
    select
        silver_user_sources.user_id,
        silver_source_tracks.track_key,
        silver_source_tracks.artist_key,
        silver_source_tracks.source_key,
        silver_user_sources.weight * silver_source_tracks.strength as points
    from silver_user_sources
    inner join silver_source_tracks on silver_user_sources.source_key = silver_source_tracks.source_key
),

new_tracks as (
    select distinct track_key
    from silver_source_tracks
    where is_new
),

summed as (
    select
        user_id,
        track_key,
        min(artist_key) as artist_key,
        sum(points) as points
    from parts
    group by user_id, track_key
    having sum(points) > 0
),

-- No more of an artist than a list takes, and no more than it takes and its place for a new track asks for.
wanted as (
    select
        summed.user_id,
        summed.track_key,
        summed.points,
        row_number() over (
            partition by summed.user_id, summed.artist_key
            order by summed.points desc, summed.track_key asc
        ) as rank_of_artist
    from summed
    left join silver_unwanted_tracks as unwanted
        on
            summed.user_id = unwanted.user_id
            and summed.track_key = unwanted.track_key
    where unwanted.track_key is null
    qualify rank_of_artist <= {{ var('recommendations_per_artist') }}
),

first_wanted as (
    select
        user_id,
        track_key,
        points,
        row_number() over (partition by user_id order by points desc, track_key asc) as candidate_rank
    from wanted
    qualify
        candidate_rank <= {{ var('recommendations_per_user') }}
        or (
            candidate_rank <= 10 * {{ var('recommendations_per_user') }}
            and track_key in (select new_tracks.track_key from new_tracks)
        )
),

-- Told only of the first: most tracks are nobody's pick.
scored as (
    select
        first_wanted.user_id,
        first_wanted.track_key,
        first_wanted.points,
        first_wanted.candidate_rank,
        parts.source_key
    from first_wanted
    inner join parts
        on
            first_wanted.user_id = parts.user_id
            and first_wanted.track_key = parts.track_key
    qualify row_number() over (
        partition by first_wanted.user_id, first_wanted.track_key
        order by parts.points desc, parts.source_key asc
    ) = 1
),
{%- endif %}

-- The greatest part is the reason.
silver_candidates as (
    select
        scored.user_id || '|' || scored.track_key as candidate_key,
        scored.user_id,
        scored.track_key,
        case
            when silver_source_tracks.origin = 'taste' then split_part(scored.source_key, '|', 2)
        end as because_track_key,
        silver_source_tracks.origin,
        case
            when silver_source_tracks.origin = 'taste' then 0 else silver_user_sources.tracks
        end as because_tracks,
        scored.candidate_rank,
        scored.points / 100000000.0 as score,
        {{ loaded_from('silver_plays') }} as _loaded_at
    from scored
    inner join silver_user_sources
        on
            scored.user_id = silver_user_sources.user_id
            and scored.source_key = silver_user_sources.source_key
    inner join silver_source_tracks
        on
            scored.source_key = silver_source_tracks.source_key
            and scored.track_key = silver_source_tracks.track_key
)

select * from silver_candidates
