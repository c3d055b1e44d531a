with

silver_plays as (
    select * from {{ ref('silver_plays') }}
    where {{ of_listeners([changed_plays(), ref('silver_likes_validated')]) }}
),

silver_liked_tracks as (
    select * from {{ ref('silver_liked_tracks') }}
),

listening as (
    select
        user_id,
        track_key,
        min(artist_key) as artist_key,
        count(*) as plays,
        count(case when is_stream then 1 end) as streams,
        count(case when is_skipped and not is_stream then 1 end) as early_skips,
        min(started_at) as first_played_at,
        max(started_at) as last_played_at,
        max(case when is_skipped and not is_stream then ended_at end) as last_early_skip_at
    from silver_plays
    group by user_id, track_key
),

silver_user_tracks as (
    select
        listening.user_id || '|' || listening.track_key as user_track_key,
        listening.user_id,
        listening.track_key,
        listening.artist_key,
        listening.plays,
        listening.streams,
        listening.early_skips,
        liked.user_track_key is not null as is_liked,
        listening.first_played_at,
        listening.last_played_at,
        listening.last_early_skip_at,
        {{ loaded_from('silver_plays') }} as _loaded_at
    from listening
    left join silver_liked_tracks as liked
        on
            listening.user_id = liked.user_id
            and listening.track_key = liked.track_key
)

select * from silver_user_tracks
