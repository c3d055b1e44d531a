with

silver_plays as (
    select * from {{ ref('silver_plays') }}
    where is_stream
),

silver_tracks as (
    select * from {{ ref('silver_tracks') }}
),

newest as (
    select max(played_date) as newest_date from silver_plays
),

recent_streams as (
    select
        silver_plays.*,
        silver_plays.played_date
        > {{ dateadd('day', '-' ~ var('rising_days'), 'newest.newest_date') }} as is_second_half
    from silver_plays
    cross join newest
    where silver_plays.played_date > {{ dateadd('day', '-' ~ var('popular_days'), 'newest.newest_date') }}
),

-- By listeners: what one of them plays all day is popular with one.
counted as (
    select
        track_key,
        case when grouping(country) = 1 then 'GLOBAL' else country end as region,
        count(*) as streams,
        count(distinct user_id) as listeners,
        -- Rising: at least half as many again in the second half of the window as in the first.
        2 * count(distinct case when is_second_half then user_id end)
        >= 3 * count(distinct case when not is_second_half then user_id end) as is_rising
    from recent_streams
    group by grouping sets ((track_key, country), (track_key))
),

placed as (
    select
        counted.*,
        silver_tracks.artist_key,
        cast(silver_tracks.first_played_at as date)
        > {{ dateadd('day', '-' ~ var('new_track_days'), 'newest.newest_date') }} as is_new
    from counted
    inner join silver_tracks on counted.track_key = silver_tracks.track_key
    cross join newest
    where counted.region is not null
),

silver_popular_tracks as (
    select
        region || '|' || track_key as popular_key,
        region,
        track_key,
        artist_key,
        streams,
        listeners,
        row_number() over (partition by region order by listeners desc, track_key asc) as rank,
        row_number() over (
            partition by region, is_new order by listeners desc, track_key asc
        ) as rank_of_its_age,
        is_rising,
        is_new
    from placed
    qualify rank <= {{ var('popular_tracks') }} or (is_new and rank_of_its_age <= {{ var('new_tracks') }})
)

select * from silver_popular_tracks
