with

positions as (
    select * from {{ ref('silver_hourly_positions') }}
),

with_neighbours as (
    select
        *,
        min(rank) over (
            partition by region, track_key
            order by chart_hour
            rows between unbounded preceding and current row
        ) as peak_rank,
        lag(rank) over (partition by region, track_key order by chart_hour) as rank_before,
        lag(chart_hour) over (partition by region, track_key order by chart_hour) as chart_hour_before,
        row_number() over (partition by region, track_key order by chart_hour) as appearance
    from positions
),

-- Appearances in a row share the hour before their first: chart_hour less their number.
with_runs as (
    select
        *,
        {{ dateadd('hour', '-appearance', 'chart_hour') }} as run_began,
        case
            when chart_hour_before = {{ dateadd('hour', -1, 'chart_hour') }} then rank_before
        end as previous_rank
    from with_neighbours
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
        previous_rank - rank as move,
        peak_rank,
        row_number() over (
            partition by region, track_key, run_began
            order by chart_hour
        ) as streak,
        chart_date,
        chart_hour
    from with_runs
)

select * from top_songs_hourly
