with

silver_volume_hours as (
    select * from {{ ref('silver_volume_hours') }}
),

-- Least and most left out: one bad week before must not hide, or invent, a bad week now.
with_baseline as (
    select
        *,
        case
            when weeks >= 3 then cast(sum_of_weeks - least_of_weeks - most_of_weeks as double) / (weeks - 2)
        end as expected_events
    from silver_volume_hours
),

judged as (
    select
        *,
        is_complete
        and events < expected_events * {{ var('volume_drop_share') }}
        and expected_events - events > {{ var('volume_noise') }} * sqrt(expected_events) as is_low,
        is_complete
        and events > expected_events * {{ var('volume_surge_share') }}
        and events - expected_events > {{ var('volume_noise') }} * sqrt(expected_events + 1) as is_high
    from with_baseline
),

event_volume_hourly as (
    select
        volume_key,
        topic,
        case
            when is_low then 'drop'
            when is_high then 'surge'
        end as anomaly,
        events,
        rejected,
        weeks as baseline_weeks,
        expected_events,
        is_complete,
        coalesce(is_low, false) as is_drop,
        coalesce(is_high, false) as is_surge,
        coalesce(is_low or is_high, false) as is_anomaly,
        cast(event_hour as date) as event_date,
        event_hour
    from judged
)

select * from event_volume_hourly
