with

silver_playback_started_validated as (
    select * from {{ ref('silver_playback_started_validated') }}
),

silver_playback_started as (
    select
        event_id,
        user_id,
        session_id,
        play_id,
        track_id,
        source,
        country,
        device,
        track_title,
        artist_name,
        duration_ms,
        occurred_date,
        occurred_at,
        received_at,
        _timestamp as landed_at,
        _loaded_at
    from silver_playback_started_validated
    where is_accepted
)

select * from silver_playback_started
