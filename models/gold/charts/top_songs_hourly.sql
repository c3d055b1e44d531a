{#- A chart changes moves and runs of those behind it: from the first day touched on, all are made anew. -#}
{%- set silver_hourly_positions = ref('silver_hourly_positions') -%}
{%- set first_day = first_changed_day(silver_hourly_positions, 'chart_date') -%}

with

positions as (
    select
        region,
        track_key,
        track_title,
        artist_name,
        rank,
        rank as best_rank,
        plays,
        listeners,
        cast(null as bigint) as carried_streak,
        chart_date,
        chart_hour
    from {{ silver_hourly_positions }}
    {{ deletes_from('chart_date', first_day) }}
),
{% if first_day %}
charted_tracks as (
    select distinct
        region,
        track_key
    from positions
),

-- The last chart before, of each track that is on one of these.
carried as (
    select
        earlier.region,
        earlier.track_key,
        earlier.track_title,
        earlier.artist_name,
        earlier.rank,
        earlier.peak_rank as best_rank,
        earlier.plays,
        earlier.listeners,
        earlier.streak as carried_streak,
        earlier.chart_date,
        earlier.chart_hour
    from {{ this }} as earlier
    inner join charted_tracks
        on earlier.region = charted_tracks.region and earlier.track_key = charted_tracks.track_key
    where earlier.chart_date < {{ first_day }}
    qualify row_number() over (
        partition by earlier.region, earlier.track_key
        order by earlier.chart_hour desc
    ) = 1
),
{% endif %}
charted as (
    select * from positions
    {{ 'union all select * from carried' if first_day }}
),

runs as (
    {{ with_runs('charted', 'hour', 'chart_hour') }}
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
        chart_hour,
        {{ loaded_from('silver_hourly_positions') }} as loaded_at
    from runs
    where carried_streak is null
)

select * from top_songs_hourly
