{%- set plays_so_far -%}
    partition by user_id
    order by started_at, event_id
    rows between unbounded preceding and current row
{%- endset -%}

with

silver_plays as (
    select silver_plays.*
    from {{ ref('silver_plays') }} as silver_plays
    {{ from_changed_sessions('silver_plays', 'session_started_at') }}
),

with_previous_end as (
    select
        *,
        max(ended_at) over (
            partition by user_id
            order by started_at, event_id
            rows between unbounded preceding and 1 preceding
        ) as previous_ended_at
    from silver_plays
),

with_first_plays as (
    select
        *,
        case
            when
                previous_ended_at is null
                or started_at > {{ dateadd('minute', var('session_gap_minutes'), 'previous_ended_at') }}
                then event_id
        end as first_event_id,
        case when first_event_id is not null then started_at end as first_started_at
    from with_previous_end
),

silver_session_plays as (
    select
        event_id,
        user_id,
        {{ last_known('first_event_id') }} over ({{ plays_so_far }}) as session_key,
        source,
        country,
        device,
        ms_played,
        is_skipped,
        is_stream,
        {{ last_known('first_started_at') }} over ({{ plays_so_far }}) as session_started_at,
        started_at,
        ended_at,
        {{ loaded_from('silver_compared_plays') }} as _loaded_at
    from with_first_plays
)

select * from silver_session_plays
