with

fct_plays as (
    select * from {{ ref('fct_plays') }}
    where {{ touched('plays', 'played_date') }}
),

days as (
    select
        track_key,
        artist_key,
        min(trim(track_title)) as track_title,
        min(trim(artist_name)) as artist_name,
        count(*) as plays,
        count(case when is_stream then 1 end) as streams,
        count(case when is_skipped then 1 end) as skips,
        count(distinct user_id) as listeners,
        cast(coalesce(sum(ms_played), 0) as bigint) as ms_played,
        played_date
    from fct_plays
    group by track_key, artist_key, played_date
),

daily_song_plays as (
    select
        track_key || '|' || cast(played_date as varchar) as song_day_key,
        track_key,
        artist_key,
        track_title,
        artist_name,
        plays,
        streams,
        skips,
        listeners,
        ms_played,
        cast(skips as double) / plays as skip_rate,
        played_date,
        {{ loaded_from('fct_plays') }} as loaded_at
    from days
)

select * from daily_song_plays
