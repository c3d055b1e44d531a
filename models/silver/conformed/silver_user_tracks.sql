with

silver_plays as (
    select * from {{ ref('silver_plays') }}
),

silver_likes as (
    select * from {{ ref('silver_likes') }}
),

silver_track_ids as (
    select * from {{ ref('silver_track_ids') }}
),

latest_likes as (
    select * from silver_likes
    qualify row_number() over (partition by user_id, track_id order by occurred_at desc, event_id desc) = 1
),

liked_tracks as (
    select distinct
        latest_likes.user_id,
        silver_track_ids.track_key
    from latest_likes
    inner join silver_track_ids on latest_likes.track_id = silver_track_ids.track_id
    where latest_likes.liked
),

listening as (
    select
        user_id,
        track_key,
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
        listening.plays,
        listening.streams,
        listening.early_skips,
        liked_tracks.track_key is not null as is_liked,
        listening.first_played_at,
        listening.last_played_at,
        listening.last_early_skip_at
    from listening
    left join liked_tracks
        on
            listening.user_id = liked_tracks.user_id
            and listening.track_key = liked_tracks.track_key
)

select * from silver_user_tracks
