{#- A late play can be a user's first, and a first play can lose to a copy elsewhere: another day then loses a
    new listener, or wins one. Whatever the reason, that day's number is no longer that of the first days. -#}
{%- set silver_user_days = ref('silver_user_days') -%}
{%- set first_days -%}
    select
        case when grouping(country) = 1 then 'GLOBAL' else country end as region,
        min(activity_date) as first_date
    from {{ silver_user_days }} as silver_user_days
    where plays > 0
    group by grouping sets ((user_id, country), (user_id))
{%- endset -%}
{%- set days_with_other_firsts -%}
    select stats.played_date, stats.played_date
    from {{ this }} as stats
    left join (
        select region, first_date, count(*) as new_listeners
        from ({{ first_days }}) as first_days
        group by region, first_date
    ) as firsts
        on stats.region = firsts.region and stats.played_date = firsts.first_date
    where stats.new_listeners <> coalesce(firsts.new_listeners, 0)
{%- endset %}

with

fct_plays as (
    select * from {{ ref('fct_plays') }}
    where {{ touched_with_sessions('played_date', spans=[days_with_other_firsts]) }}
),

fct_sessions as (
    select * from {{ ref('fct_sessions') }}
),

plays_by_day as (
    select
        case when grouping(country) = 1 then 'GLOBAL' else country end as region,
        count(*) as plays,
        count(case when is_stream then 1 end) as streams,
        count(case when is_skipped then 1 end) as skips,
        count(distinct user_id) as listeners,
        cast(coalesce(sum(ms_played), 0) as bigint) as ms_played,
        played_date
    from fct_plays
    group by grouping sets ((played_date, country), (played_date))
),

sessions_by_day as (
    select
        case when grouping(country) = 1 then 'GLOBAL' else country end as region,
        count(*) as sessions,
        session_date
    from fct_sessions
    group by grouping sets ((session_date, country), (session_date))
),

first_days as (
    {{ first_days }}
),

new_listeners_by_day as (
    select
        region,
        count(*) as new_listeners,
        first_date
    from first_days
    group by region, first_date
),

daily_listening_stats as (
    select
        plays_by_day.region || '|' || cast(plays_by_day.played_date as varchar) as stat_key,
        plays_by_day.region,
        plays_by_day.plays,
        plays_by_day.streams,
        plays_by_day.skips,
        plays_by_day.listeners,
        coalesce(new_listeners_by_day.new_listeners, 0) as new_listeners,
        coalesce(sessions_by_day.sessions, 0) as sessions,
        plays_by_day.ms_played,
        cast(plays_by_day.skips as double) / plays_by_day.plays as skip_rate,
        plays_by_day.played_date,
        {{ loaded_from('fct_plays', 'fct_sessions') }} as loaded_at
    from plays_by_day
    left join sessions_by_day
        on
            plays_by_day.region = sessions_by_day.region
            and plays_by_day.played_date = sessions_by_day.session_date
    left join new_listeners_by_day
        on
            plays_by_day.region = new_listeners_by_day.region
            and plays_by_day.played_date = new_listeners_by_day.first_date
    where plays_by_day.region is not null
)

select * from daily_listening_stats
