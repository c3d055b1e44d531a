with

silver_plays_validated as (
    select * from {{ ref('silver_plays_validated') }}
),

silver_plays as (
    select
        event_id,
        user_id,
        session_id,
        play_id,
        track_id,
        artist_id,
        track_key,
        artist_key,
        source,
        country,
        device,
        track_title,
        artist_name,
        album_title,
        isrc,
        context,
        reason_start,
        reason_end,
        ms_played,
        duration_ms,
        is_skipped,
        is_stream,
        played_date,
        started_at,
        ended_at,
        received_at,
        _timestamp as landed_at,
        _loaded_at
    from silver_plays_validated
    where is_accepted
)

select * from silver_plays
