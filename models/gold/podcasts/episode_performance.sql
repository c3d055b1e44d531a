with

silver_podcast_events as (
    select * from {{ ref('silver_podcast_events') }}
),

fct_podcast_listens as (
    select * from {{ ref('fct_podcast_listens') }}
),

dim_episodes as (
    select * from {{ ref('dim_episodes') }}
),

actions as (
    select
        episode_id,
        count(case when action = 'pause' then 1 end) as pauses,
        count(case when action = 'seek' then 1 end) as seeks,
        occurred_date
    from silver_podcast_events
    group by episode_id, occurred_date
),

listens as (
    select
        episode_id,
        cast(sum(events) as bigint) as events,
        cast(sum(plays) as bigint) as plays,
        cast(sum(completes) as bigint) as completes,
        count(*) as listeners,
        count(case when is_completed then 1 end) as completers,
        cast(coalesce(sum(listened_ms), 0) as bigint) as listened_ms,
        listen_date
    from fct_podcast_listens
    group by episode_id, listen_date
),

episode_performance as (
    select
        listens.episode_id || '|' || cast(listens.listen_date as varchar) as performance_key,
        listens.episode_id,
        dim_episodes.podcast_id,
        dim_episodes.episode_title,
        dim_episodes.podcast_title,
        listens.events,
        listens.plays,
        actions.pauses,
        actions.seeks,
        listens.completes,
        listens.listeners,
        listens.listened_ms,
        dim_episodes.duration_ms,
        cast(listens.completers as double) / listens.listeners as completion_rate,
        listens.listen_date
    from listens
    inner join actions
        on
            listens.episode_id = actions.episode_id
            and listens.listen_date = actions.occurred_date
    inner join dim_episodes on listens.episode_id = dim_episodes.episode_id
)

select * from episode_performance
