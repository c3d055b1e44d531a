with

silver_auth_events_validated as (
    select * from {{ ref('silver_auth_events_validated') }}
),

silver_auth_events as (
    select
        event_id,
        user_id,
        session_id,
        source,
        country,
        device,
        action,
        succeeded,
        occurred_date,
        occurred_at,
        received_at,
        _timestamp as landed_at,
        _loaded_at
    from silver_auth_events_validated
    where is_accepted
)

select * from silver_auth_events
