with

silver_plays as (
    select * from {{ ref('silver_plays') }}
),

-- Where spellings differ, the least one: it does not depend on the order of arrival.
silver_tracks as (
    select
        track_key,
        artist_key,
        min(trim(track_title)) as track_title,
        min(trim(artist_name)) as artist_name,
        min(album_title) as album_title,
        min(isrc) as isrc,
        max(duration_ms) as duration_ms,
        count(distinct track_id) as track_ids,
        min(started_at) as first_played_at,
        max(started_at) as last_played_at
    from silver_plays
    group by track_key, artist_key
)

select * from silver_tracks
