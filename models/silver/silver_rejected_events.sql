with

silver_rejected_events as (
    {% for topic in topics() %}
    select
        record_id,
        _topic as topic,
        error_codes,
        error_detail,
        event_id,
        user_id,
        source,
        payload,
        _file,
        _topic,
        _partition,
        _offset,
        _timestamp as landed_at
    from {{ ref('silver_' ~ topic ~ '_validated') }}
    where not is_accepted
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from silver_rejected_events
