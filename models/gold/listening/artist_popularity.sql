with

fct_plays as (
    select * from {{ ref('fct_plays') }}
    where {{ touched('plays', 'played_date') }}
),

days as (
    select
        artist_key,
        min(trim(artist_name)) as artist_name,
        count(*) as plays,
        count(case when is_stream then 1 end) as streams,
        count(distinct user_id) as listeners,
        cast(coalesce(sum(ms_played), 0) as bigint) as ms_played,
        played_date
    from fct_plays
    group by artist_key, played_date
),

artist_popularity as (
    select
        artist_key || '|' || cast(played_date as varchar) as popularity_key,
        artist_key,
        artist_name,
        plays,
        streams,
        listeners,
        ms_played,
        row_number() over (
            partition by played_date
            order by streams desc, plays desc, listeners desc, artist_name asc, artist_key asc
        ) as rank,
        played_date,
        {{ loaded_from('fct_plays') }} as loaded_at
    from days
)

select * from artist_popularity
