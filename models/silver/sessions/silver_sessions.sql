with

silver_session_plays as (
    select silver_session_plays.*
    from {{ ref('silver_session_plays') }} as silver_session_plays
    {{ from_changed_sessions('silver_session_plays', 'started_at') }}
),

silver_sessions as (
    select
        session_key,
        user_id,
        max(case when event_id = session_key then country end) as country,
        max(case when event_id = session_key then device end) as device,
        max(case when event_id = session_key then source end) as source,
        count(*) as plays,
        count(case when is_stream then 1 end) as streams,
        count(case when is_skipped then 1 end) as skips,
        cast(coalesce(sum(ms_played), 0) as bigint) as ms_played,
        cast(min(started_at) as date) as session_date,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        {{ loaded_from('silver_session_plays') }} as _loaded_at
    from silver_session_plays
    group by session_key, user_id
)

select * from silver_sessions
