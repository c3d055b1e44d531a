with

silver_episodes as (
    select * from {{ ref('silver_episodes') }}
    where podcast_id is not null
),

dim_podcasts as (
    select
        podcast_id,
        max(podcast_title) as podcast_title,
        count(*) as episodes
    from silver_episodes
    group by podcast_id
)

select * from dim_podcasts
