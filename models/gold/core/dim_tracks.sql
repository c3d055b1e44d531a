with

silver_tracks as (
    select * from {{ ref('silver_tracks') }}
),

dim_tracks as (
    select
        track_key,
        artist_key,
        track_title,
        artist_name,
        album_title,
        isrc,
        duration_ms,
        track_ids,
        first_played_at,
        last_played_at
    from silver_tracks
)

select * from dim_tracks
