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
        user_track_key,
        user_id,
        track_key
    from silver_user_tracks
    cross join newest
    where
        plays >= {{ var('known_track_plays') }}
        or last_early_skip_at > {{ dateadd('day', -var('skip_memory_days'), 'newest_played_at') }}
        or early_skips > streams
)

select * from silver_unwanted_tracks
