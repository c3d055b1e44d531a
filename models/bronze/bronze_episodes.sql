-- depends_on: {{ source('reference', 'episodes') }}
with

landed_episodes as (
    select * from {{ landed_rows('episodes') }}
),

bronze_episodes as (
    select
        episode_id,
        podcast_id,
        podcast_title,
        episode_title,
        source,
        _file,
        try_cast(duration_ms as bigint) as duration_ms,
        try_cast(released_on as date) as released_on
    from landed_episodes
)

select * from bronze_episodes
