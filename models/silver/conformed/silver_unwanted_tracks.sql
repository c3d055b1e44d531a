with

silver_user_tracks as (
    select * from {{ ref('silver_user_tracks') }}
),

newest as (
    select max(last_played_at) as newest_played_at from silver_user_tracks
),

-- Known well, skipped early of late, or skipped early more often than listened to.
silver_unwanted_tracks as (
    select
        silver_user_tracks.user_track_key,
        silver_user_tracks.user_id,
        silver_user_tracks.track_key
    from silver_user_tracks
    cross join newest
    where
        silver_user_tracks.plays >= {{ var('known_track_plays') }}
        or silver_user_tracks.last_early_skip_at
        > {{ dateadd('day', '-' ~ var('skip_memory_days'), 'newest.newest_played_at') }}
        or silver_user_tracks.early_skips > silver_user_tracks.streams
)

select * from silver_unwanted_tracks
