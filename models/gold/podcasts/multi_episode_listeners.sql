with

fct_podcast_listens as (
    select * from {{ ref('fct_podcast_listens') }}
),

multi_episode_listeners as (
    select
        user_id || '|' || cast(listen_date as varchar) as listener_key,
        user_id,
        count(*) as episodes,
        count(distinct podcast_id) as podcasts,
        count(case when is_completed then 1 end) as completed_episodes,
        cast(coalesce(sum(listened_ms), 0) as bigint) as listened_ms,
        listen_date
    from fct_podcast_listens
    group by user_id, listen_date
    having count(*) >= {{ var('several_episodes') }}
)

select * from multi_episode_listeners
