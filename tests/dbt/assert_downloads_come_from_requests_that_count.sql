-- One listener has one download of an episode a day at most, and none without a request that counts.
select
    downloads.episode_id,
    downloads.download_date,
    downloads.downloads,
    downloads.requests
from {{ ref('podcast_downloads') }} as downloads
where
    downloads.downloads > downloads.requests - downloads.filtered_requests
    or downloads.downloads_last_touch > downloads.requests - downloads.filtered_requests
