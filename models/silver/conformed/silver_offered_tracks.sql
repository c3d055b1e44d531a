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

-- A place's own popular tracks come before those of the world.
offered as (
    select
        places.region,
        popular.track_key,
        popular.artist_key,
        case when popular.is_rising then 'rising' else 'popular' end
        || case when popular.region = 'GLOBAL' then '_everywhere' else '' end as origin,
        case when popular.region = 'GLOBAL' then 3 else 2 end as stage,
        cast(1 as double) / (1000 + popular.rank) as score
    from places
    inner join silver_popular_tracks as popular on popular.region in (places.region, 'GLOBAL')
    qualify row_number() over (partition by places.region, popular.track_key order by stage) = 1
),

placed as (
    select
        *,
        case
            when
                row_number() over (partition by region, artist_key order by stage asc, score desc)
                <= {{ var('recommendations_per_artist') }}
                then 1
            else 0
        end as is_listed
    from offered
),

silver_offered_tracks as (
    select
        region || '|' || track_key as offer_key,
        region,
        track_key,
        origin,
        stage,
        coalesce(
            sum(is_listed) over (
                partition by region
                order by stage asc, score desc
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as listed_before,
        score
    from placed
)

select * from silver_offered_tracks
