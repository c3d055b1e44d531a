with

silver_tracks as (
    select * from {{ ref('silver_tracks') }}
),

dim_artists as (
    select
        artist_key,
        min(artist_name) as artist_name,
        count(*) as tracks,
        min(first_played_at) as first_played_at,
        max(last_played_at) as last_played_at
    from silver_tracks
    group by artist_key
)

select * from dim_artists
