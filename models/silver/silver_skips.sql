with

silver_skips_validated as (
    select * from {{ ref('silver_skips_validated') }}
),

silver_skips as (
    select
        event_id,
        user_id,
        session_id,
        play_id,
        track_id,
        source,
        country,
        device,
        position_ms,
        duration_ms,
        occurred_date,
        occurred_at,
        received_at,
        _timestamp as landed_at,
        _loaded_at
    from silver_skips_validated
    where is_accepted
)

select * from silver_skips
