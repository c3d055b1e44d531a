{%- set weeks_before -%}
    partition by topic, hour_of_week
    order by event_hour
    rows between {{ var('volume_weeks') }} preceding and 1 preceding
{%- endset -%}

with

silver_hourly_volumes as (
    select * from {{ ref('silver_hourly_volumes') }}
    -- A refused event may say any time at all: hours that only such events name are none of ours.
    where events > 0
),

-- A clock that runs ahead makes no hour complete: all that lies behind the latest landing may still grow.
ends as (
    select
        max(event_hour) as last_hour,
        least(max(event_hour), date_trunc('hour', max(latest_landed_at))) as incomplete_hour
    from silver_hourly_volumes
),

starts as (
    select
        topic,
        min(event_hour) as first_hour
    from silver_hourly_volumes
    group by topic
),

digits as (
    select listed.digit from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as listed (digit)
),

pairs as (
    select ones.digit + 10 * tens.digit as number
    from digits as ones
    cross join digits as tens
),

longest as (
    select
        min(event_hour) as first_hour,
        max(event_hour) as last_hour
    from silver_hourly_volumes
),

-- Up to a million hours: more than lie between the first day accepted (in 2000) and any clock. No more of
-- them than the longest history has, or each topic would be held against all.
offsets as (
    select ones.number + 100 * hundreds.number + 10000 * myriads.number as hours_ahead
    from pairs as ones
    cross join pairs as hundreds
    cross join pairs as myriads
    cross join longest
    where
        ones.number + 100 * hundreds.number + 10000 * myriads.number
        <= {{ datediff('longest.first_hour', 'longest.last_hour', 'hour') }}
),

-- Hours without an event count too: a topic that fell silent is what this is for.
hours as (
    select
        starts.topic,
        offsets.hours_ahead % 168 as hour_of_week,
        {{ dateadd('hour', 'offsets.hours_ahead', 'starts.first_hour') }} as event_hour,
        ends.incomplete_hour
    from starts
    cross join ends
    inner join offsets
        on offsets.hours_ahead <= {{ datediff('starts.first_hour', 'ends.last_hour', 'hour') }}
),

counted as (
    select
        hours.topic,
        hours.hour_of_week,
        coalesce(silver_hourly_volumes.events, 0) as events,
        coalesce(silver_hourly_volumes.rejected, 0) as rejected,
        hours.event_hour < hours.incomplete_hour as is_complete,
        hours.event_hour
    from hours
    left join silver_hourly_volumes
        on
            hours.topic = silver_hourly_volumes.topic
            and hours.event_hour = silver_hourly_volumes.event_hour
),

-- The same hour of the weeks before, gapless: so the rows before are the weeks before.
silver_volume_hours as (
    select
        topic || '|' || {{ time_text('event_hour') }} as volume_key,
        topic,
        events,
        rejected,
        count(*) over ({{ weeks_before }}) as weeks,
        sum(events) over ({{ weeks_before }}) as sum_of_weeks,
        min(events) over ({{ weeks_before }}) as least_of_weeks,
        max(events) over ({{ weeks_before }}) as most_of_weeks,
        is_complete,
        event_hour
    from counted
)

select * from silver_volume_hours
