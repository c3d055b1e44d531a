-- The daily marts are rebuilt day by day: a day left out would show here first.
with

plays as (
    select
        played_date,
        count(*) as plays,
        count(case when is_stream then 1 end) as streams
    from {{ ref('fct_plays') }}
    group by played_date
),

days as (
    select
        played_date,
        plays,
        streams
    from {{ ref('daily_listening_stats') }}
    where region = 'GLOBAL'
),

hours as (
    select
        played_date,
        sum(plays) as plays,
        sum(streams) as streams
    from {{ ref('listening_trends') }}
    where region = 'GLOBAL'
    group by played_date
),

artists as (
    select
        played_date,
        sum(plays) as plays,
        sum(streams) as streams
    from {{ ref('artist_popularity') }}
    group by played_date
)

select
    plays.played_date,
    plays.streams,
    days.streams as streams_of_days,
    hours.streams as streams_of_hours,
    artists.streams as streams_of_artists
from plays
full join days on plays.played_date = days.played_date
full join hours on plays.played_date = hours.played_date
full join artists on plays.played_date = artists.played_date
where
    plays.plays is distinct from days.plays
    or plays.plays is distinct from hours.plays
    or plays.plays is distinct from artists.plays
    or plays.streams is distinct from days.streams
    or plays.streams is distinct from hours.streams
    or plays.streams is distinct from artists.streams
