{{ config(tags=['gate']) }}

-- The days made last, and with them whatever this build could have doubled.
with

fct_plays as (
    select * from {{ ref('fct_plays') }}
),

newest as (
    select max(loaded_at) as newest_load
    from fct_plays
),

doubled as (
    select
        fct_plays.play_id,
        count(*) as plays
    from fct_plays
    inner join newest on fct_plays.loaded_at = newest.newest_load
    group by fct_plays.play_id
    having count(*) > 1
)

select * from doubled
