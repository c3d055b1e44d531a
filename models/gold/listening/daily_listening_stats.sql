{#- A late play can be a user's first, and a first play can lose to a copy or to another source: the first day among
    the plays that did not change then loses a new listener, or wins one. -#}
{%- set other_first_days -%}
    select first_unchanged, first_unchanged
    from (
        select
            min(case when changed_at > {{ last_loaded() }} then played_date end) as first_changed,
            min(case when changed_at <= {{ last_loaded() }} and counts then played_date end) as first_unchanged
        from (
            select
                validated.user_id,
                validated.country,
                validated.played_date,
                validated.is_accepted and compared.winner_event_id is null as counts,
                greatest(validated._loaded_at, coalesce(compared._loaded_at, validated._loaded_at)) as changed_at
            from {{ ref('silver_plays_validated') }} as validated
            left join {{ ref('silver_compared_plays') }} as compared
                on
                    validated.is_accepted
                    and validated.event_id = compared.event_id
            where validated.user_id in (select touched.user_id from TOUCHED as touched)
        ) as plays
        group by grouping sets ((user_id, country), (user_id))
    ) as firsts
    where first_changed < first_unchanged
{%- endset %}

with

fct_plays as (
    select * from {{ ref('fct_plays') }}
    where {{ touched_with_sessions('played_date', spans=[other_first_days]) }}
),

fct_sessions as (
    select * from {{ ref('fct_sessions') }}
),

silver_plays as (
    select * from {{ ref('silver_plays') }}
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
    select
        case when grouping(country) = 1 then 'GLOBAL' else country end as region,
        min(played_date) as first_date
    from silver_plays
    group by grouping sets ((user_id, country), (user_id))
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
