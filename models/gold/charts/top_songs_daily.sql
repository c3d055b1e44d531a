with

positions as (
    select
        *,
        rank as best_rank,
        cast(null as bigint) as carried_streak
    from {{ ref('silver_daily_positions') }}
),

runs as (
    {{ with_runs('positions', 'day', 'chart_date') }}
),

top_songs_daily as (
    select
        region || '|' || cast(chart_date as varchar) || '|' || cast(rank as varchar) as chart_key,
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
        chart_date
    from runs
)

select * from top_songs_daily
