with

silver_user_days as (
    select * from {{ ref('silver_user_days') }}
),

silver_user_steps as (
    select * from {{ ref('silver_user_steps') }}
),

dim_users as (
    select * from {{ ref('dim_users') }}
),

fct_sessions as (
    select * from {{ ref('fct_sessions') }}
),

lives as (
    select
        user_id,
        count(distinct activity_date) as active_days,
        count(distinct country) as countries,
        cast(sum(log_ins) as bigint) as log_ins,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(plays) as bigint) as plays,
        cast(sum(streams) as bigint) as streams,
        cast(sum(skips) as bigint) as skips,
        cast(sum(likes) as bigint) as likes,
        cast(sum(completed_episodes) as bigint) as completed_episodes,
        cast(sum(ms_played) as bigint) as ms_played,
        min(activity_date) as first_active_date,
        max(activity_date) as last_active_date
    from silver_user_days
    group by user_id
),

newest as (
    select max(activity_date) as newest_date from silver_user_days
),

sessions as (
    select
        user_id,
        count(*) as sessions
    from fct_sessions
    group by user_id
),

user_lifetime_metrics as (
    select
        lives.user_id,
        dim_users.source,
        dim_users.country,
        dim_users.level,
        lives.active_days,
        {{ datediff('lives.first_active_date', 'lives.last_active_date', 'day') }} + 1 as lifetime_days,
        {{ datediff('lives.last_active_date', 'newest.newest_date', 'day') }} as days_since_active,
        lives.countries,
        coalesce(sessions.sessions, 0) as sessions,
        lives.log_ins,
        lives.page_views,
        lives.plays,
        lives.streams,
        lives.skips,
        lives.likes,
        lives.completed_episodes,
        lives.ms_played,
        cast(lives.skips as double) / nullif(lives.plays, 0) as skip_rate,
        {{ datediff('lives.last_active_date', 'newest.newest_date', 'day') }} < {{ var('active_user_days') }}
            as is_active,
        silver_user_steps.registered_date,
        silver_user_steps.first_played_date,
        silver_user_steps.paid_date,
        silver_user_steps.churned_date,
        lives.first_active_date,
        lives.last_active_date
    from lives
    cross join newest
    inner join dim_users on lives.user_id = dim_users.user_id
    left join silver_user_steps on lives.user_id = silver_user_steps.user_id
    left join sessions on lives.user_id = sessions.user_id
)

select * from user_lifetime_metrics
