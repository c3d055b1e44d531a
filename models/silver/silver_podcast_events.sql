with

silver_podcast_events_validated as (
    select * from {{ ref('silver_podcast_events_validated') }}
),

silver_podcast_events as (
    select
        event_id,
        user_id,
        session_id,
        episode_id,
        podcast_id,
        source,
        country,
        device,
        action,
        position_ms,
        duration_ms,
        occurred_date,
        occurred_at,
        received_at,
        _timestamp as landed_at,
        _loaded_at
    from silver_podcast_events_validated
    where is_accepted
)

select * from silver_podcast_events
