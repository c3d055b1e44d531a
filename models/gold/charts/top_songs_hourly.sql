with

positions as (
    select * from {{ ref('silver_hourly_positions') }}
),

runs as (
    {{ with_runs('positions', 'hour', 'chart_hour') }}
),

top_songs_hourly as (
    select
        region || '|' || {{ time_text('chart_hour') }} || '|' || cast(rank as varchar) as chart_key,
        region,
        track_key,
        track_title,
        artist_name,
        rank,
        plays,
        listeners,
        previous_rank,
        move,
        peak_rank,
        streak,
        chart_date,
        chart_hour
    from runs
)

select * from top_songs_hourly
