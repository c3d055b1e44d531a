with

silver_episodes as (
    select * from {{ ref('silver_episodes') }}
),

dim_episodes as (
    select
        episode_id,
        podcast_id,
        podcast_title,
        episode_title,
        duration_ms,
        released_on
    from silver_episodes
)

select * from dim_episodes
