with

positions as (
    select * from {{ ref('silver_daily_positions') }}
),

with_neighbours as (
    select
        *,
        min(rank) over (
            partition by region, track_key
            order by chart_date
            rows between unbounded preceding and current row
        ) as peak_rank,
        lag(rank) over (partition by region, track_key order by chart_date) as rank_before,
        lag(chart_date) over (partition by region, track_key order by chart_date) as chart_date_before,
        row_number() over (partition by region, track_key order by chart_date) as appearance
    from positions
),

-- Appearances in a row share the day before their first: chart_date less their number.
with_runs as (
    select
        *,
        {{ dateadd('day', '-appearance', 'chart_date') }} as run_began,
        case
            when chart_date_before = {{ dateadd('day', -1, 'chart_date') }} then rank_before
        end as previous_rank
    from with_neighbours
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
        previous_rank - rank as move,
        peak_rank,
        row_number() over (
            partition by region, track_key, run_began
            order by chart_date
        ) as streak,
        chart_date
    from with_runs
)

select * from top_songs_daily
