{%- set rows = rows_to_judge('likes') %}

with

bronze_likes as (
    select * from {{ ref('bronze_likes') }}
    {{ rows.read }}
),

countries as (
    select country as known_country from {{ ref('countries') }}
),

located as (
    select
        bronze_likes.*,
        countries.known_country
    from bronze_likes
    left join countries on bronze_likes.country = countries.known_country
),

checked as (
    select
        *,
        {{ envelope_codes() }} as rule_codes
    from located
),

repeated_events as (
    select record_id as repeated_record_id
    from checked
    where event_id is not null
    qualify row_number() over (partition by event_id order by {{ first_copy() }}) > 1
),

with_copies as (
    select
        checked.*,
        repeated_events.repeated_record_id
    from checked
    left join repeated_events on checked.record_id = repeated_events.repeated_record_id
    {{ rows.write }}
),

judged as (
    select
        *,
        rule_codes || case when repeated_record_id is null then '' else 'duplicate_event_id,' end as codes
    from with_copies
),

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
