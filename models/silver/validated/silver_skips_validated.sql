{%- set own_codes -%}
    case when position_ms < 0 then 'negative_position,' else '' end
    || case when position_ms > {{ var('longest_recording_ms') }} then 'implausible_position,' else '' end
    || case when duration_ms < 0 then 'negative_duration,' else '' end
    || case when duration_ms > {{ var('longest_recording_ms') }} then 'implausible_duration,' else '' end
{%- endset -%}

with

{{ judged_records('skips', own_codes=own_codes) }},

validated as (
    select
        record_id,
        event_id,
        user_id,
        session_id,
        play_id,
        track_id,
        source,
        country,
        device,
        rtrim(codes, ',') as error_codes,
        error as error_detail,
        case when codes <> '' then payload end as payload,
        position_ms,
        duration_ms,
        schema_version,
        codes = '' as is_accepted,
        cast(occurred_at as date) as occurred_date,
        occurred_at,
        received_at,
        _file,
        _topic,
        _partition,
        _offset,
        _timestamp,
        {{ loaded_at() }} as _loaded_at
    from judged
)

select * from validated
