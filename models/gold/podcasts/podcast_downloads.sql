with

silver_podcast_downloads as (
    select * from {{ ref('silver_podcast_downloads') }}
    where is_download
),

silver_podcast_requests as (
    select * from {{ ref('silver_podcast_requests') }}
),

dim_episodes as (
    select * from {{ ref('dim_episodes') }}
),

downloads as (
    select
        episode_id,
        count(case when window_kind = 'calendar' then 1 end) as downloads,
        count(case when window_kind = 'first_touch' then 1 end) as downloads_first_touch,
        count(case when window_kind = 'last_touch' then 1 end) as downloads_last_touch,
        download_date
    from silver_podcast_downloads
    group by episode_id, download_date
),

requests as (
    select
        episode_id,
        count(distinct request_id) as requests,
        count(distinct case when not is_counted then request_id end) as filtered_requests,
        requested_date
    from silver_podcast_requests
    group by episode_id, requested_date
),

podcast_downloads as (
    select
        requests.episode_id || '|' || cast(requests.requested_date as varchar) as download_key,
        requests.episode_id,
        dim_episodes.podcast_id,
        dim_episodes.episode_title,
        dim_episodes.podcast_title,
        coalesce(downloads.downloads, 0) as downloads,
        coalesce(downloads.downloads_first_touch, 0) as downloads_first_touch,
        coalesce(downloads.downloads_last_touch, 0) as downloads_last_touch,
        requests.requests,
        requests.filtered_requests,
        requests.requested_date as download_date
    from requests
    left join downloads
        on
            requests.episode_id = downloads.episode_id
            and requests.requested_date = downloads.download_date
    left join dim_episodes on requests.episode_id = dim_episodes.episode_id
)

select * from podcast_downloads
