with

silver_rejected_events as (
    select * from {{ ref('silver_rejected_events') }}
),

places as (
    select listed.place
    from (values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15), (16))
        as listed (place)
),

codes as (
    select
        silver_rejected_events.topic,
        split_part(silver_rejected_events.error_codes, ',', places.place) as error_code,
        cast(silver_rejected_events.landed_at as date) as error_date
    from silver_rejected_events
    cross join places
),

data_quality_summary as (
    select
        topic || '|' || error_code || '|' || cast(error_date as varchar) as summary_key,
        topic,
        error_code,
        count(*) as events,
        error_date
    from codes
    where error_code <> ''
    group by topic, error_code, error_date
)

select * from data_quality_summary
