with

streams as (
    select
        *,
        date_trunc('hour', started_at) as chart_hour
    from {{ ref('silver_plays') }}
    where
        is_stream
        and {{ touched('plays', 'played_date', '_loaded_at') }}
),

track_counts as (
    {{ chart_counts('streams', 'chart_hour', var('chart_plays_per_listener_hour')) }}
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
        played_date as chart_date,
        chart_hour,
        {{ loaded_from('silver_compared_plays') }} as _loaded_at
    from track_counts
    qualify rank <= {{ var('chart_places') }}
)

select * from silver_hourly_positions
