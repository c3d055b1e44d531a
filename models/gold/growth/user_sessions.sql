with

fct_sessions as (
    select * from {{ ref('fct_sessions') }}
    where {{ touched_with_sessions('session_date') }}
),

dim_regions as (
    select * from {{ ref('dim_regions') }}
),

measured as (
    select
        *,
        {{ datediff('started_at', 'ended_at', 'millisecond') }} as length_ms,
        cast(extract(hour from started_at) as integer) as started_hour
    from fct_sessions
),

user_sessions as (
    select
        measured.session_key,
        measured.user_id,
        measured.country,
        coalesce(dim_regions.country_name, 'unknown') as country_name,
        measured.device,
        measured.plays,
        measured.streams,
        measured.skips,
        measured.ms_played,
        measured.length_ms,
        measured.started_hour,
        cast(measured.skips as double) / measured.plays as skip_rate,
        case
            when measured.length_ms > 0
                then least(cast(measured.ms_played as double) / measured.length_ms, 1)
        end as listening_share,
        measured.streams = 0 as is_bounce,
        measured.session_date,
        measured.started_at,
        measured.ended_at,
        {{ loaded_from('fct_sessions') }} as loaded_at
    from measured
    left join dim_regions on measured.country = dim_regions.country
)

select * from user_sessions
