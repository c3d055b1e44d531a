-- A recommendation of what somebody plays all the time, or skips, costs their trust in the others.
with

played as (
    select
        user_id,
        track_key,
        count(*) as plays,
        count(case when is_stream then 1 end) as streams,
        count(case when is_skipped and not is_stream then 1 end) as early_skips
    from {{ ref('fct_plays') }}
    group by user_id, track_key
)

select
    recommendations.user_id,
    recommendations.track_key,
    played.plays,
    played.early_skips
from {{ ref('recommendations') }} as recommendations
inner join played
    on
        recommendations.user_id = played.user_id
        and recommendations.track_key = played.track_key
where
    played.plays >= {{ var('known_track_plays') }}
    or played.early_skips > played.streams
