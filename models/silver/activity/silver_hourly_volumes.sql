{%- set is_touched = touched_by_any(topics(), 'OWN_DAY') -%}

with

{% for topic in topics() %}
{%- set day = own_day(topic) %}
{%- set own_time = 'started_at' if topic == 'plays' else 'occurred_at' %}
{{ topic }}_by_hour as (
    select
        '{{ topic }}|' || {{ time_text("date_trunc('hour', " ~ own_time ~ ")") }} as volume_key,
        '{{ topic }}' as topic,
        count(case when is_accepted then 1 end) as events,
        count(case when not is_accepted then 1 end) as rejected,
        {{ day }} as event_date,
        date_trunc('hour', {{ own_time }}) as event_hour,
        max(_timestamp) as latest_landed_at,
        {{ loaded_from_any(topics()) }} as _loaded_at
    from {{ ref('silver_' ~ topic ~ '_validated') }}
    where
        {{ own_time }} is not null
        and {{ is_touched.replace('OWN_DAY', day) }}
    group by {{ day }}, date_trunc('hour', {{ own_time }})
),
{% endfor %}

silver_hourly_volumes as (
    {% for topic in topics() %}
    select * from {{ topic }}_by_hour
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from silver_hourly_volumes
