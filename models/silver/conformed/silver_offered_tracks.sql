with

-- Users have a known country, or none.
places as (
    select country as region from {{ ref('countries') }}
    union all
    select 'GLOBAL' as region
),

silver_popular_tracks as (
    select * from {{ ref('silver_popular_tracks') }}
),

everywhere as (
    select
        track_key,
        artist_key,
        is_rising,
        is_new,
        cast(listeners as double) / max(listeners) over () as share
    from silver_popular_tracks
    where region = 'GLOBAL'
),

at_home as (
    select
        region,
        track_key,
        artist_key,
        is_rising,
        is_new,
        cast(listeners as double) / max(listeners) over (partition by region) as share
    from silver_popular_tracks
    where region <> 'GLOBAL'
),

-- A place's own popular tracks, and half as much those of the world.
offers as (
    select
        region,
        track_key,
        artist_key,
        is_rising,
        is_new,
        2 as stage,
        share
    from at_home
    union all
    select
        places.region,
        everywhere.track_key,
        everywhere.artist_key,
        everywhere.is_rising,
        everywhere.is_new,
        3 as stage,
        everywhere.share / 2 as share
    from places
    cross join everywhere
),

summed as (
    select
        region,
        track_key,
        min(artist_key) as artist_key,
        min(stage) as stage,
        max(case when is_new then 1 else 0 end) = 1 as is_new,
        -- As its own place has it, the world where the place has not.
        min(cast(stage as varchar) || case when is_rising then 'rising' else 'popular' end) as told,
        sum(share) as share
    from offers
    group by region, track_key
),

silver_offered_tracks as (
    select
        region || '|' || track_key as offer_key,
        region,
        track_key,
        artist_key,
        substr(told, 2) || case when stage = 3 then '_everywhere' else '' end as origin,
        is_new,
        -- Above the last one's: being offered at all is no merit beside what is not.
        round(
            0.001
            + sqrt(share / max(share) over (partition by region))
            - sqrt(min(share) over (partition by region) / max(share) over (partition by region))
            + case when told = '2rising' then {{ var('rising_bonus') }} else 0 end,
            6
        ) as score
    from summed
)

select * from silver_offered_tracks
