with

silver_users as (
    select
        user_id,
        coalesce(country, 'GLOBAL') as region
    from {{ ref('silver_users') }}
),

silver_tastes as (
    select * from {{ ref('silver_tastes') }}
    where taste_rank <= {{ var('recommendation_seeds') }}
),

silver_similarities as (
    select * from {{ ref('silver_similarities') }}
    where rank <= {{ var('similar_tracks_used') }}
),

silver_popular_tracks as (
    select * from {{ ref('silver_popular_tracks') }}
),

silver_unwanted_tracks as (
    select * from {{ ref('silver_unwanted_tracks') }}
),

contributions as (
    select
        silver_tastes.user_id,
        silver_tastes.track_key as because_track_key,
        silver_similarities.similar_track_key as track_key,
        -- Whole points: their sum does not depend on the order of adding.
        cast(round(1000 * silver_tastes.weight * silver_similarities.similarity) as bigint) as points
    from silver_tastes
    inner join silver_similarities on silver_tastes.track_key = silver_similarities.track_key
),

from_taste as (
    select
        user_id,
        track_key,
        substr(max(lpad(cast(points as varchar), 12, '0') || because_track_key), 13) as because_track_key,
        'taste' as origin,
        1 as stage,
        sum(points) / 100000.0 as score
    from contributions
    group by user_id, track_key
),

wanted as (
    select from_taste.*
    from from_taste
    left join silver_unwanted_tracks as unwanted
        on
            from_taste.user_id = unwanted.user_id
            and from_taste.track_key = unwanted.track_key
    where unwanted.track_key is null
),

-- Whose taste does not fill their list: new users, and those of a rare taste.
short_of_songs as (
    select
        silver_users.user_id,
        silver_users.region
    from silver_users
    left join wanted on silver_users.user_id = wanted.user_id
    group by silver_users.user_id, silver_users.region
    having count(wanted.track_key) < 5 * {{ var('recommendations_per_user') }}
),

from_popular as (
    select
        short_of_songs.user_id,
        popular.track_key,
        cast(null as varchar) as because_track_key,
        case when popular.is_rising then 'rising' else 'popular' end
        || case when popular.region = 'GLOBAL' then '_everywhere' else '' end as origin,
        case when popular.region = 'GLOBAL' then 3 else 2 end as stage,
        cast(1 as double) / (1000 + popular.rank) as score
    from short_of_songs
    inner join silver_popular_tracks as popular on popular.region in (short_of_songs.region, 'GLOBAL')
    left join silver_unwanted_tracks as unwanted
        on
            short_of_songs.user_id = unwanted.user_id
            and popular.track_key = unwanted.track_key
    where unwanted.track_key is null
),

candidates as (
    select * from wanted
    union all
    select * from from_popular
),

silver_candidates as (
    select
        user_id || '|' || track_key as candidate_key,
        *
    from candidates
    qualify row_number() over (partition by user_id, track_key order by stage) = 1
)

select * from silver_candidates
