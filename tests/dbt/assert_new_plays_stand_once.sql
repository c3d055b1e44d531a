{{ config(tags=['gate']) }}

-- The days made last, and with them whatever this build could have doubled.
with

newest_days as (
    select * from {{ ref('fct_plays') }}
    where loaded_at = (select max(loaded_at) from {{ ref('fct_plays') }})
),

doubled as (
    select
        play_id,
        count(*) as plays
    from newest_days
    group by play_id
    having count(*) > 1
)

select * from doubled
