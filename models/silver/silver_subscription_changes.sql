with

silver_subscription_changes_validated as (
    select * from {{ ref('silver_subscription_changes_validated') }}
),

silver_subscription_changes as (
    select
        event_id,
        user_id,
        session_id,
        source,
        country,
        device,
        from_level,
        to_level,
        reason,
        occurred_date,
        occurred_at,
        received_at,
        _timestamp as landed_at,
        _loaded_at
    from silver_subscription_changes_validated
    where is_accepted
)

select * from silver_subscription_changes
