with

bronze_episodes as (
    select * from {{ ref('bronze_episodes') }}
),

silver_podcast_events as (
    select * from {{ ref('silver_podcast_events') }}
),

-- Where files disagree the greatest value is taken: it does not depend on their order.
listed as (
    select
        episode_id,
        max(podcast_id) as podcast_id,
        max(podcast_title) as podcast_title,
        max(episode_title) as episode_title,
        max(case when duration_ms > 0 then duration_ms end) as duration_ms,
        max(released_on) as released_on
    from bronze_episodes
    where episode_id is not null
    group by episode_id
),

heard as (
    select
        episode_id,
        max(podcast_id) as podcast_id,
        max(nullif(duration_ms, 0)) as duration_ms
    from silver_podcast_events
    group by episode_id
),

silver_episodes as (
    select
        coalesce(listed.episode_id, heard.episode_id) as episode_id,
        coalesce(listed.podcast_id, heard.podcast_id) as podcast_id,
        listed.podcast_title,
        listed.episode_title,
        coalesce(listed.duration_ms, heard.duration_ms) as duration_ms,
        listed.released_on
    from listed
    full join heard on listed.episode_id = heard.episode_id
)

select * from silver_episodes
