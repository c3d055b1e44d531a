with

silver_likes_validated as (
    select * from {{ ref('silver_likes_validated') }}
),

silver_likes as (
    select
        event_id,
        user_id,
        session_id,
        track_id,
        source,
        country,
        device,
        liked,
        occurred_date,
        occurred_at,
        received_at,
        _timestamp as landed_at,
        _loaded_at
    from silver_likes_validated
    where is_accepted
)

select * from silver_likes
