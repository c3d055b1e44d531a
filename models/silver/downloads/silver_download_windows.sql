with recursive

counted as (
    select * from {{ ref('silver_podcast_requests') }}
    where is_counted
),

-- One address with more listeners and episodes in a day than people have is none of people.
busy_addresses as (
    select
        address_key,
        requested_date
    from counted
    group by address_key, requested_date
    having count(distinct listener_key || '|' || episode_id) > {{ var('busy_address_downloads') }}
),

requests as (
    select counted.*
    from counted
    left join busy_addresses
        on
            counted.address_key = busy_addresses.address_key
            and counted.requested_date = busy_addresses.requested_date
    where busy_addresses.address_key is null
),

touches as (
    select
        listener_key,
        episode_id,
        requested_at,
        lag(requested_at) over (
            partition by listener_key, episode_id
            order by requested_at
        ) as touched_before,
        min(requested_at) over (
            partition by listener_key, episode_id
            order by requested_at
            range between interval '24 hours' following and unbounded following
        ) as next_window_at
    from requests
    group by listener_key, episode_id, requested_at
),

-- A first-touch window begins with the first request that the window before does not hold.
first_touches (listener_key, episode_id, requested_at, next_window_at) as (
    select
        listener_key,
        episode_id,
        requested_at,
        next_window_at
    from touches
    where touched_before is null
    union all
    select
        touches.listener_key,
        touches.episode_id,
        touches.requested_at,
        touches.next_window_at
    from first_touches
    inner join touches
        on
            first_touches.listener_key = touches.listener_key
            and first_touches.episode_id = touches.episode_id
            and first_touches.next_window_at = touches.requested_at
),

marked as (
    select
        touches.*,
        case when first_touches.requested_at is not null then touches.requested_at end as first_touch_at,
        case
            when
                touches.touched_before is null
                or touches.requested_at >= {{ dateadd('hour', 24, 'touches.touched_before') }}
                then touches.requested_at
        end as last_touch_at
    from touches
    left join first_touches
        on
            touches.listener_key = first_touches.listener_key
            and touches.episode_id = first_touches.episode_id
            and touches.requested_at = first_touches.requested_at
),

windows as (
    select
        listener_key,
        episode_id,
        requested_at,
        min(requested_at) over (
            partition by listener_key, episode_id, cast(requested_at as date)
        ) as calendar_window_at,
        max(first_touch_at) over (
            partition by listener_key, episode_id
            order by requested_at
            rows between unbounded preceding and current row
        ) as first_touch_window_at,
        max(last_touch_at) over (
            partition by listener_key, episode_id
            order by requested_at
            rows between unbounded preceding and current row
        ) as last_touch_window_at
    from marked
),

silver_download_windows as (
    select
        requests.record_id,
        requests.listener_key,
        requests.episode_id,
        requests.is_whole,
        requests.from_byte,
        requests.to_byte,
        requests.file_bytes,
        requests.header_bytes,
        requests.requested_at,
        windows.calendar_window_at,
        windows.first_touch_window_at,
        windows.last_touch_window_at
    from requests
    inner join windows
        on
            requests.listener_key = windows.listener_key
            and requests.episode_id = windows.episode_id
            and requests.requested_at = windows.requested_at
)

select * from silver_download_windows
