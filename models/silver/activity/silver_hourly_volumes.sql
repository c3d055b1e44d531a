with

{% for topic in topics() %}
{%- set own_day = 'played_date' if topic == 'plays' else 'occurred_date' %}
{%- set own_time = 'started_at' if topic == 'plays' else 'occurred_at' %}
{{ topic }}_by_hour as (
    select
        '{{ topic }}' as topic,
        count(case when is_accepted then 1 end) as events,
        count(case when not is_accepted then 1 end) as rejected,
        {{ own_day }} as event_date,
        date_trunc('hour', {{ own_time }}) as event_hour,
        max(_timestamp) as latest_landed_at,
        {{ loaded_from('silver_' ~ topic ~ '_validated') }} as _loaded_at
    from {{ ref('silver_' ~ topic ~ '_validated') }}
    where
        {{ own_time }} is not null
        -- Each topic's own stamp: one that is silent must not make the others' days look new.
        and {{ touched(topic, own_day, "case when topic = '" ~ topic ~ "' then _loaded_at end") }}
    group by {{ own_day }}, date_trunc('hour', {{ own_time }})
),
{% endfor %}

silver_hourly_volumes as (
    {% for topic in topics() %}
    select * from {{ topic }}_by_hour
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from silver_hourly_volumes
