{{ config(tags=['gate']) }}

-- Of what landed on a topic's newest day, no one fault may have taken most: then something before us is
-- broken, and figures made of the rest would mislead. Copies are no fault.
with

landed_days as (
    select * from {{ ref('silver_landed_days') }}
    qualify row_number() over (partition by topic order by landed_date desc) = 1
),

faults as (
    select * from {{ ref('data_quality_summary') }}
    where left(error_code, 9) <> 'duplicate'
),

refused as (
    select
        landed_days.topic,
        faults.error_code,
        faults.events,
        landed_days.landed,
        landed_days.landed_date
    from landed_days
    inner join faults
        on landed_days.topic = faults.topic and landed_days.landed_date = faults.error_date
    where
        landed_days.landed >= {{ var('refused_least_landed') }}
        and faults.events > landed_days.landed * {{ var('refused_share') }}
)

select * from refused
