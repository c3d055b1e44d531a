with

silver_plays as (
    select
        *,
        date_trunc('hour', started_at) as chart_hour
    from {{ ref('silver_plays') }}
    where
        is_stream
        and {{ touched('plays', 'played_date', '_loaded_at') }}
),

track_counts as (
    select
        track_key,
        case when grouping(country) = 1 then 'GLOBAL' else country end as region,
        min(trim(track_title)) as track_title,
        min(trim(artist_name)) as artist_name,
        count(*) as plays,
        count(distinct user_id) as listeners,
        played_date as chart_date,
        chart_hour
    from silver_plays
    group by grouping sets (
        (track_key, played_date, chart_hour, country),
        (track_key, played_date, chart_hour)
    )
),

silver_hourly_positions as (
    select
        region,
        track_key,
        track_title,
        artist_name,
        plays,
        listeners,
        row_number() over (
            partition by region, chart_hour
            order by plays desc, listeners desc, track_title asc, track_key asc
        ) as rank,
        chart_date,
        chart_hour,
        {{ loaded_from('silver_plays_validated') }} as _loaded_at
    from track_counts
    where region is not null
    qualify rank <= {{ var('chart_places') }}
)

select * from silver_hourly_positions
