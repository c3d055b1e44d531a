with

silver_user_days as (
    select * from {{ ref('silver_user_days') }}
),

silver_subscription_changes as (
    select
        *,
        -- Any level that is neither closed nor free of charge is paid for: plus, family, student …
        coalesce(from_level not in {{ literals(var('unpaid_levels')) }}, false) as was_paid,
        coalesce(to_level not in {{ literals(var('unpaid_levels')) }}, false) as is_paid
    from {{ ref('silver_subscription_changes') }}
),

registrations as (
    select
        user_id,
        min(activity_date) as registered_date
    from silver_user_days
    where registrations > 0
    group by user_id
),

first_plays as (
    select
        silver_user_days.user_id,
        min(silver_user_days.activity_date) as first_played_date
    from silver_user_days
    inner join registrations
        on
            silver_user_days.user_id = registrations.user_id
            and silver_user_days.activity_date >= registrations.registered_date
    where silver_user_days.plays > 0
    group by silver_user_days.user_id
),

conversions as (
    select
        silver_subscription_changes.user_id,
        min(silver_subscription_changes.occurred_at) as paid_at
    from silver_subscription_changes
    inner join first_plays
        on
            silver_subscription_changes.user_id = first_plays.user_id
            and silver_subscription_changes.occurred_date >= first_plays.first_played_date
    where
        silver_subscription_changes.is_paid
        and not silver_subscription_changes.was_paid
    group by silver_subscription_changes.user_id
),

churns as (
    select
        silver_subscription_changes.user_id,
        min(silver_subscription_changes.occurred_at) as churned_at
    from silver_subscription_changes
    inner join conversions
        on
            silver_subscription_changes.user_id = conversions.user_id
            and silver_subscription_changes.occurred_at > conversions.paid_at
    where
        silver_subscription_changes.was_paid
        and not silver_subscription_changes.is_paid
    group by silver_subscription_changes.user_id
),

silver_user_steps as (
    select
        registrations.user_id,
        registrations.registered_date,
        first_plays.first_played_date,
        cast(conversions.paid_at as date) as paid_date,
        cast(churns.churned_at as date) as churned_date
    from registrations
    left join first_plays on registrations.user_id = first_plays.user_id
    left join conversions on registrations.user_id = conversions.user_id
    left join churns on registrations.user_id = churns.user_id
)

select * from silver_user_steps
