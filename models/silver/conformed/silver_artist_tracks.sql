with

silver_user_tracks as (
    select * from {{ ref('silver_user_tracks') }}
),

silver_tracks as (
    select * from {{ ref('silver_tracks') }}
),

newest as (
    select max(last_played_at) as newest_played_at from silver_tracks
),

heard as (
    select
        track_key,
        count(case when streams > 0 then 1 end) as listeners
    from silver_user_tracks
    group by track_key
),

placed as (
    select
        silver_tracks.artist_key,
        silver_tracks.track_key,
        heard.listeners,
        silver_tracks.first_played_at
        > {{ dateadd('day', '-' ~ var('new_track_days'), 'newest.newest_played_at') }} as is_new,
        -- The root: the most heard recording is not a hundred times as welcome as one with a hundredth.
        sqrt(cast(heard.listeners as double) / nullif(max(heard.listeners) over (), 0)) as reach
    from silver_tracks
    inner join heard on silver_tracks.track_key = heard.track_key
    cross join newest
),

silver_artist_tracks as (
    select
        track_key,
        artist_key,
        listeners,
        row_number() over (
            partition by artist_key, is_new order by listeners desc, track_key asc
        ) as rank,
        is_new,
        coalesce(reach, 0) as reach
    from placed
    qualify rank <= {{ var('artist_tracks') }}
)

select * from silver_artist_tracks
