with

silver_similarities as (
    select * from {{ ref('silver_similarities') }}
),

dim_tracks as (
    select * from {{ ref('dim_tracks') }}
),

similar_tracks as (
    select
        silver_similarities.similarity_key,
        silver_similarities.track_key,
        silver_similarities.similar_track_key,
        dim_tracks.track_title,
        dim_tracks.artist_name,
        silver_similarities.listeners_together,
        silver_similarities.similarity,
        silver_similarities.rank
    from silver_similarities
    inner join dim_tracks on silver_similarities.similar_track_key = dim_tracks.track_key
)

select * from similar_tracks
