with

{{ judged_records('likes') }},

validated as (
    select
        record_id,
        event_id,
        user_id,
        session_id,
        track_id,
        source,
        country,
        device,
        rtrim(codes, ',') as error_codes,
        error as error_detail,
        case when codes <> '' then payload end as payload,
        schema_version,
        liked,
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
