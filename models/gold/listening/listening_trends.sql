with

fct_plays as (
    select * from {{ ref('fct_plays') }}
    where {{ touched('plays', 'played_date') }}
),

hours as (
    select
        case when grouping(country) = 1 then 'GLOBAL' else country end as region,
        count(*) as plays,
        count(case when is_stream then 1 end) as streams,
        count(case when is_skipped then 1 end) as skips,
        count(distinct user_id) as listeners,
        cast(coalesce(sum(ms_played), 0) as bigint) as ms_played,
        played_hour,
        played_date
    from fct_plays
    group by grouping sets ((played_date, played_hour, country), (played_date, played_hour))
),

listening_trends as (
    select
        region || '|' || {{ time_text('played_hour') }} as trend_key,
        region,
        plays,
        streams,
        skips,
        listeners,
        ms_played,
        played_hour,
        played_date,
        {{ loaded_from('fct_plays') }} as loaded_at
    from hours
    where region is not null
)

select * from listening_trends
