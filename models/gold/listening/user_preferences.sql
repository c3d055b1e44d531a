with

fct_plays as (
    select * from {{ ref('fct_plays') }}
),

totals as (
    select
        user_id,
        count(*) as plays,
        count(case when is_stream then 1 end) as streams,
        count(case when is_skipped then 1 end) as skips,
        count(distinct track_key) as tracks,
        count(distinct artist_key) as artists,
        cast(coalesce(sum(ms_played), 0) as bigint) as ms_played,
        min(started_at) as first_played_at,
        max(started_at) as last_played_at
    from fct_plays
    group by user_id
),

top_tracks as (
    select
        user_id,
        track_key,
        min(trim(track_title)) as track_title
    from fct_plays
    group by user_id, track_key
    qualify row_number() over (
        partition by user_id
        order by count(case when is_stream then 1 end) desc, count(*) desc, track_key
    ) = 1
),

top_artists as (
    select
        user_id,
        artist_key,
        min(trim(artist_name)) as artist_name
    from fct_plays
    group by user_id, artist_key
    qualify row_number() over (
        partition by user_id
        order by count(case when is_stream then 1 end) desc, count(*) desc, artist_key
    ) = 1
),

devices as (
    select
        user_id,
        device
    from fct_plays
    where device is not null
    group by user_id, device
    qualify row_number() over (partition by user_id order by count(*) desc, device) = 1
),

hours as (
    select
        user_id,
        cast(extract(hour from started_at) as integer) as hour
    from fct_plays
    group by user_id, hour
    qualify row_number() over (partition by user_id order by count(*) desc, hour) = 1
),

weekdays as (
    select
        user_id,
        cast({{ iso_weekday('started_at') }} as integer) as weekday
    from fct_plays
    group by user_id, weekday
    qualify row_number() over (partition by user_id order by count(*) desc, weekday) = 1
),

user_preferences as (
    select
        totals.user_id,
        top_artists.artist_key as top_artist_key,
        top_artists.artist_name as top_artist_name,
        top_tracks.track_key as top_track_key,
        top_tracks.track_title as top_track_title,
        devices.device as favourite_device,
        totals.plays,
        totals.streams,
        totals.skips,
        totals.tracks,
        totals.artists,
        totals.ms_played,
        hours.hour as favourite_hour,
        weekdays.weekday as favourite_weekday,
        cast(totals.skips as double) / totals.plays as skip_rate,
        cast(totals.tracks as double) / totals.plays as discovery_rate,
        totals.first_played_at,
        totals.last_played_at,
        {{ loaded_from('fct_plays') }} as loaded_at
    from totals
    left join top_artists on totals.user_id = top_artists.user_id
    left join top_tracks on totals.user_id = top_tracks.user_id
    left join devices on totals.user_id = devices.user_id
    left join hours on totals.user_id = hours.user_id
    left join weekdays on totals.user_id = weekdays.user_id
)

select * from user_preferences
