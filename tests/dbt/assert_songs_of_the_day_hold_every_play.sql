-- Per day, the songs' plays and streams are those of the facts.
with

plays as (
    select
        played_date,
        count(*) as plays,
        count(case when is_stream then 1 end) as streams
    from {{ ref('fct_plays') }}
    group by played_date
),

songs as (
    select
        played_date,
        sum(plays) as plays,
        sum(streams) as streams
    from {{ ref('daily_song_plays') }}
    group by played_date
)

select
    plays.played_date,
    plays.plays,
    songs.plays as plays_of_songs
from plays
full join songs on plays.played_date = songs.played_date
where
    plays.plays is distinct from songs.plays
    or plays.streams is distinct from songs.streams
