with

silver_plays as (
    select * from {{ ref('silver_plays') }}
    where is_stream
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

counted as (
    select
        track_key,
        min(artist_key) as artist_key,
        case when grouping(country) = 1 then 'GLOBAL' else country end as region,
        count(*) as streams,
        -- Rising: at least half as much again in the second half of the window as in the first.
        2 * count(case when is_second_half then 1 end)
        >= 3 * count(case when not is_second_half then 1 end) as is_rising
    from recent_streams
    group by grouping sets ((track_key, country), (track_key))
),

silver_popular_tracks as (
    select
        region || '|' || track_key as popular_key,
        region,
        track_key,
        artist_key,
        streams,
        row_number() over (partition by region order by streams desc, track_key asc) as rank,
        is_rising
    from counted
    where region is not null
    qualify rank <= {{ var('popular_tracks') }}
)

select * from silver_popular_tracks
