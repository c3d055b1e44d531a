with

silver_merged_plays as (
    select * from {{ ref('silver_merged_plays') }}
),

merged_plays_daily as (
    select
        source || '|' || winner_source || '|' || rule || '|' || cast(played_date as varchar) as merged_key,
        source,
        winner_source,
        rule,
        count(*) as merged_plays,
        count(distinct user_id) as listeners,
        max(seconds_between) as most_seconds_between,
        played_date
    from silver_merged_plays
    group by source, winner_source, rule, played_date
)

select * from merged_plays_daily
