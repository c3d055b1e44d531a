with

silver_sessions as (
    select * from {{ ref('silver_sessions') }}
    where {{ touched_with_sessions('session_date') }}
),

fct_sessions as (
    select
        session_key,
        user_id,
        country,
        device,
        source,
        plays,
        streams,
        skips,
        ms_played,
        started_at,
        ended_at,
        session_date,
        {{ loaded_from('silver_sessions') }} as loaded_at
    from silver_sessions
)

select * from fct_sessions
