-- The hours of each topic add up to what was accepted of it, and those of the plays are the trends' and what
-- was merged.
with

volumes as (
    select
        topic,
        sum(events) as events
    from {{ ref('event_volume_hourly') }}
    group by topic
),

told as (
    select
        played_hour,
        plays
    from {{ ref('listening_trends') }}
    where region = 'GLOBAL'
    union all
    select
        date_trunc('hour', started_at) as played_hour,
        1 as plays
    from {{ ref('silver_merged_plays') }}
),

trends as (
    select
        played_hour,
        sum(plays) as plays
    from told
    group by played_hour
),

hours as (
    select
        volumes.event_hour,
        volumes.events,
        trends.plays
    from {{ ref('event_volume_hourly') }} as volumes
    full join trends on volumes.event_hour = trends.played_hour
    where volumes.topic = 'plays' or volumes.topic is null
)

select
    freshness.topic,
    freshness.accepted,
    volumes.events
from {{ ref('pipeline_freshness') }} as freshness
left join volumes on freshness.topic = volumes.topic
where freshness.accepted <> coalesce(volumes.events, 0)
union all
select
    'plays at ' || {{ time_text('event_hour') }} as topic,
    plays as accepted,
    events
from hours
where coalesce(plays, 0) <> coalesce(events, 0)
