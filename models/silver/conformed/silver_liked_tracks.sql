with

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

-- A recording has several ids: liked by one of them is liked.
silver_liked_tracks as (
    select distinct
        latest_likes.user_id || '|' || silver_track_ids.track_key as user_track_key,
        latest_likes.user_id,
        silver_track_ids.track_key
    from latest_likes
    inner join silver_track_ids on latest_likes.track_id = silver_track_ids.track_id
    where latest_likes.liked
)

select * from silver_liked_tracks
