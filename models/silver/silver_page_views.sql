with

silver_page_views_validated as (
    select * from {{ ref('silver_page_views_validated') }}
),

silver_page_views as (
    select
        event_id,
        user_id,
        session_id,
        source,
        country,
        device,
        page,
        referrer,
        http_status,
        occurred_date,
        occurred_at,
        received_at,
        _timestamp as landed_at,
        _loaded_at
    from silver_page_views_validated
    where is_accepted
)

select * from silver_page_views
