{%- set topics = ['auth_events', 'likes', 'page_views', 'plays', 'podcast_events'] -%}

with

-- The days that events came for, not those that have rows now: a day may lose its last.
silver_user_days as (
    select * from {{ ref('silver_user_days') }}
    where {{ touched_by_any(topics, 'activity_date', 'loaded_at', merged=true) }}
),

-- A traveller's day has a row per country below.
days as (
    select
        user_id,
        cast(sum(registrations) as bigint) as registrations,
        cast(sum(log_ins) as bigint) as log_ins,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(plays) as bigint) as plays,
        cast(sum(streams) as bigint) as streams,
        cast(sum(skips) as bigint) as skips,
        cast(sum(likes) as bigint) as likes,
        cast(sum(podcast_events) as bigint) as podcast_events,
        cast(sum(completed_episodes) as bigint) as completed_episodes,
        cast(sum(ms_played) as bigint) as ms_played,
        activity_date,
        min(first_active_at) as first_active_at,
        max(last_active_at) as last_active_at
    from silver_user_days
    group by user_id, activity_date
),

daily_user_activity as (
    select
        user_id || '|' || cast(activity_date as varchar) as activity_key,
        user_id,
        registrations,
        log_ins,
        page_views,
        plays,
        streams,
        skips,
        likes,
        podcast_events,
        completed_episodes,
        ms_played,
        plays > 0 or podcast_events > 0 as is_listening,
        plays = 0 and podcast_events = 0 as is_visiting_only,
        activity_date,
        first_active_at,
        last_active_at,
        {{ loaded_from('silver_user_days') }} as loaded_at
    from days
)

select * from daily_user_activity
