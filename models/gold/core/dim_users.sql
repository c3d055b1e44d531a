with

silver_users as (
    select * from {{ ref('silver_users') }}
),

dim_users as (
    select
        user_id,
        source,
        country,
        level,
        plays,
        registered_at,
        first_seen_at,
        last_seen_at
    from silver_users
)

select * from dim_users
