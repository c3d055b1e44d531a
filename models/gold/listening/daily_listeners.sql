with

fct_plays as (
    select * from {{ ref('fct_plays') }}
    where {{ touched('plays', 'played_date') }}
),

days as (
    select
        user_id,
        country,
        device,
        source,
        context,
        count(*) as plays,
        count(case when is_stream then 1 end) as streams,
        count(case when is_skipped then 1 end) as skips,
        cast(coalesce(sum(ms_played), 0) as bigint) as ms_played,
        played_date
    from fct_plays
    group by user_id, country, device, source, context, played_date
),

daily_listeners as (
    select
        user_id || '|' || coalesce(country, '') || '|' || coalesce(device, '') || '|' || coalesce(source, '')
        || '|' || coalesce(context, '') || '|' || cast(played_date as varchar) as listener_day_key,
        user_id,
        country,
        device,
        source,
        context,
        plays,
        streams,
        skips,
        ms_played,
        played_date,
        {{ loaded_from('fct_plays') }} as loaded_at
    from days
)

select * from daily_listeners
