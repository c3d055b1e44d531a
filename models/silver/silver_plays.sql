with

silver_plays_validated as (
    select * from {{ ref('silver_plays_validated') }}
),

silver_merged_plays as (
    select * from {{ ref('silver_merged_plays') }}
),

silver_plays as (
    select
        silver_plays_validated.event_id,
        silver_plays_validated.user_id,
        silver_plays_validated.session_id,
        silver_plays_validated.play_id,
        silver_plays_validated.track_id,
        silver_plays_validated.artist_id,
        silver_plays_validated.track_key,
        silver_plays_validated.artist_key,
        silver_plays_validated.source,
        silver_plays_validated.country,
        silver_plays_validated.device,
        silver_plays_validated.track_title,
        silver_plays_validated.artist_name,
        silver_plays_validated.album_title,
        silver_plays_validated.isrc,
        silver_plays_validated.context,
        silver_plays_validated.reason_start,
        silver_plays_validated.reason_end,
        silver_plays_validated.ms_played,
        silver_plays_validated.duration_ms,
        silver_plays_validated.is_skipped,
        silver_plays_validated.is_stream,
        silver_plays_validated.played_date,
        silver_plays_validated.started_at,
        silver_plays_validated.ended_at,
        silver_plays_validated.received_at,
        silver_plays_validated._timestamp as landed_at,
        silver_plays_validated._loaded_at
    from silver_plays_validated
    left join silver_merged_plays as merged on silver_plays_validated.event_id = merged.event_id
    where
        silver_plays_validated.is_accepted
        and merged.event_id is null
)

select * from silver_plays
