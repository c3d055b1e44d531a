with

silver_compared_plays as (
    select * from {{ ref('silver_compared_plays') }}
),

silver_merged_plays as (
    select
        event_id,
        user_id,
        play_id,
        winner_event_id,
        winner_play_id,
        source,
        winner_source,
        rule,
        seconds_between,
        overlap_seconds,
        played_date,
        started_at,
        ended_at,
        _loaded_at
    from silver_compared_plays
    where winner_event_id is not null
)

select * from silver_merged_plays
