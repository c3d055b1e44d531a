-- depends_on: {{ source('reference', 'podcast_downloads') }}
with

landed_downloads as (
    select * from {{ landed_rows('podcast_downloads') }}
),

bronze_podcast_downloads as (
    select
        request_id,
        episode_id,
        address_key,
        user_agent,
        method,
        source,
        _file,
        try_cast(status as integer) as status,
        try_cast(first_byte as bigint) as first_byte,
        try_cast(last_byte as bigint) as last_byte,
        try_cast(bytes_sent as bigint) as bytes_sent,
        try_cast(file_bytes as bigint) as file_bytes,
        try_cast(header_bytes as bigint) as header_bytes,
        try_cast(requested_at as timestamp) as requested_at
    from landed_downloads
)

select * from bronze_podcast_downloads
