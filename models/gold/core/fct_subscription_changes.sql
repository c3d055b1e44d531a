with

silver_subscription_changes as (
    select * from {{ ref('silver_subscription_changes') }}
    where {{ touched('subscription_changes', 'occurred_date') }}
),

fct_subscription_changes as (
    select
        event_id,
        user_id,
        from_level,
        to_level,
        reason,
        country,
        occurred_at as changed_at,
        occurred_date as changed_date,
        {{ loaded_from('silver_subscription_changes_validated') }} as loaded_at
    from silver_subscription_changes
)

select * from fct_subscription_changes
