{%- set is_touched = touched_with_sessions('PLAYED_DAY') -%}

with

silver_plays as (
    select * from {{ ref('silver_plays') }}
    where {{ is_touched.replace('PLAYED_DAY', 'played_date') }}
),

silver_session_plays as (
    select * from {{ ref('silver_session_plays') }}
    where {{ is_touched.replace('PLAYED_DAY', 'cast(started_at as date)') }}
),

fct_plays as (
    select
        silver_plays.event_id,
        silver_plays.play_id,
        silver_plays.user_id,
        silver_session_plays.session_key,
        silver_plays.track_key,
        silver_plays.artist_key,
        silver_plays.track_title,
        silver_plays.artist_name,
        silver_plays.country,
        silver_plays.device,
        silver_plays.source,
        silver_plays.context,
        silver_plays.reason_start,
        silver_plays.reason_end,
        silver_plays.ms_played,
        silver_plays.duration_ms,
        silver_plays.is_skipped,
        silver_plays.is_stream,
        silver_plays.started_at,
        silver_plays.ended_at,
        date_trunc('hour', silver_plays.started_at) as played_hour,
        silver_plays.played_date,
        {{ loaded_from('silver_compared_plays', 'silver_session_plays', 'silver_sessions') }} as loaded_at
    from silver_plays
    inner join silver_session_plays on silver_plays.event_id = silver_session_plays.event_id
)

select * from fct_plays
