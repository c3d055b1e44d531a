{%- set kinds = ['calendar', 'first_touch', 'last_touch'] -%}

with

silver_download_windows as (
    select * from {{ ref('silver_download_windows') }}
),

silver_episodes as (
    select * from {{ ref('silver_episodes') }}
),

files as (
    select
        silver_download_windows.episode_id,
        max(silver_download_windows.file_bytes) as file_bytes,
        coalesce(max(silver_download_windows.header_bytes), 0) as header_bytes,
        max(silver_episodes.duration_ms) as duration_ms
    from silver_download_windows
    left join silver_episodes on silver_download_windows.episode_id = silver_episodes.episode_id
    group by silver_download_windows.episode_id
),

-- Header and one minute of sound; all of a file that is shorter, or of unknown length.
thresholds as (
    select
        episode_id,
        case
            when duration_ms >= {{ var('download_threshold_ms') }}
                then header_bytes + cast(ceil(
                    cast(file_bytes - header_bytes as double)
                    * {{ var('download_threshold_ms') }} / duration_ms
                ) as bigint)
            else file_bytes
        end as needed_bytes
    from files
),

pieces as (
    {% for kind in kinds %}
    select
        '{{ kind }}' as window_kind,
        silver_download_windows.listener_key,
        silver_download_windows.episode_id,
        silver_download_windows.{{ kind }}_window_at as downloaded_at,
        silver_download_windows.is_whole,
        silver_download_windows.from_byte,
        silver_download_windows.to_byte
    from silver_download_windows
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Bytes sent twice are listened to once: each piece adds what lies behind all that began before it.
with_end_before as (
    select
        *,
        max(to_byte) over (
            partition by window_kind, listener_key, episode_id, downloaded_at
            order by from_byte, to_byte
            rows between unbounded preceding and 1 preceding
        ) as end_before
    from pieces
),

windows as (
    select
        window_kind,
        listener_key,
        episode_id,
        count(*) as requests,
        max(case when is_whole then 1 else 0 end) = 1 as is_whole,
        cast(coalesce(
            sum(greatest(to_byte - greatest(from_byte - 1, coalesce(end_before, -1)), 0)), 0
        ) as bigint) as bytes,
        downloaded_at
    from with_end_before
    group by window_kind, listener_key, episode_id, downloaded_at
),

silver_podcast_downloads as (
    select
        md5(
            windows.window_kind || '|' || windows.listener_key || '|' || windows.episode_id
            || '|' || {{ time_text('windows.downloaded_at') }}
        ) as download_key,
        windows.window_kind,
        windows.listener_key,
        windows.episode_id,
        windows.requests,
        windows.bytes,
        thresholds.needed_bytes,
        coalesce(windows.is_whole or windows.bytes >= thresholds.needed_bytes, false) as is_download,
        cast(windows.downloaded_at as date) as download_date,
        windows.downloaded_at
    from windows
    left join thresholds on windows.episode_id = thresholds.episode_id
)

select * from silver_podcast_downloads
