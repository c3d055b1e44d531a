with

silver_rejected_events as (
    select * from {{ ref('silver_rejected_events') }}
),

-- Few combinations of codes, many events: split what was counted, not each event.
combinations as (
    select
        topic,
        error_codes,
        count(*) as events,
        cast(landed_at as date) as error_date
    from silver_rejected_events
    group by topic, error_codes, cast(landed_at as date)
),

places as (
    select listed.place
    from (values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15), (16))
        as listed (place)
),

codes as (
    select
        combinations.topic,
        split_part(combinations.error_codes, ',', places.place) as error_code,
        combinations.events,
        combinations.error_date
    from combinations
    cross join places
),

data_quality_summary as (
    select
        topic || '|' || error_code || '|' || cast(error_date as varchar) as summary_key,
        topic,
        error_code,
        cast(sum(events) as bigint) as events,
        error_date
    from codes
    where error_code <> ''
    group by topic, error_code, error_date
)

select * from data_quality_summary
