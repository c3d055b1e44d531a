{%- set changed_episodes -%}
    select listens.listen_date, listens.listen_date
    from {{ this }} as listens
    inner join {{ ref('silver_episodes') }} as episodes on listens.episode_id = episodes.episode_id
    where
        listens.duration_ms is distinct from episodes.duration_ms
        or listens.podcast_id is distinct from episodes.podcast_id
{%- endset %}

with

silver_podcast_events as (
    select * from {{ ref('silver_podcast_events') }}
    -- Also the days whose episodes have since become known, or longer.
    where {{ touched('podcast_events', 'occurred_date', spans=[changed_episodes]) }}
),

silver_episodes as (
    select * from {{ ref('silver_episodes') }}
),

listens as (
    select
        user_id,
        episode_id,
        {{ value_at_last('country', 'occurred_at') }} as country,
        count(*) as events,
        count(case when action = 'play' then 1 end) as plays,
        count(case when action = 'complete' then 1 end) as completes,
        max(position_ms) as listened_ms,
        min(occurred_at) as started_at,
        occurred_date as listen_date
    from silver_podcast_events
    group by user_id, episode_id, occurred_date
),

fct_podcast_listens as (
    select
        md5(
            listens.user_id || '|' || listens.episode_id || '|' || cast(listens.listen_date as varchar)
        ) as listen_key,
        listens.user_id,
        listens.episode_id,
        silver_episodes.podcast_id,
        listens.country,
        listens.events,
        listens.plays,
        listens.completes,
        listens.listened_ms,
        silver_episodes.duration_ms,
        cast(listens.listened_ms as double) / nullif(silver_episodes.duration_ms, 0) as listen_through_rate,
        listens.completes > 0 as is_completed,
        listens.started_at,
        listens.listen_date,
        {{ loaded_from('silver_podcast_events_validated') }} as loaded_at
    from listens
    inner join silver_episodes on listens.episode_id = silver_episodes.episode_id
)

select * from fct_podcast_listens
