with

silver_influences as (
    select * from {{ ref('silver_influences') }}
),

silver_artist_tracks as (
    select * from {{ ref('silver_artist_tracks') }}
),

silver_offered_tracks as (
    select * from {{ ref('silver_offered_tracks') }}
),

-- Whole numbers, as weights are: the sum of their products does not depend on the order of adding.
combined as (
    select
        'track|' || influencing_track_key as source_key,
        track_key,
        artist_key,
        influence as strength,
        'taste' as origin,
        false as is_new
    from silver_influences
    union all
    select
        'artist|' || artist_key as source_key,
        track_key,
        artist_key,
        cast(round(100000 * {{ var('artist_share') }} * reach) as bigint) as strength,
        case when is_new then 'new' else 'artist' end as origin,
        is_new
    from silver_artist_tracks
    union all
    select
        'region|' || region as source_key,
        track_key,
        artist_key,
        cast(round(100000 * {{ var('region_share') }} * score) as bigint) as strength,
        case when is_new then 'new_' || origin else origin end as origin,
        is_new
    from silver_offered_tracks
),

silver_source_tracks as (
    select
        source_key || '|' || track_key as source_track_key,
        *
    from combined
)

select * from silver_source_tracks
