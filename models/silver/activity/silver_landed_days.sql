{%- set is_touched = touched_landings(topics()) -%}

with

{% for topic in topics() %}
{{ topic }}_by_day as (
    select
        '{{ topic }}|' || cast(cast(_timestamp as date) as varchar) as landed_key,
        '{{ topic }}' as topic,
        count(*) as landed,
        count(case when is_accepted then 1 end) as accepted,
        count(case when not is_accepted then 1 end) as rejected,
        cast(_timestamp as date) as landed_date,
        max(case when is_accepted then {{ 'ended_at' if topic == 'plays' else 'occurred_at' }} end)
            as latest_occurred_at,
        max(_timestamp) as latest_landed_at,
        max(_loaded_at) as _loaded_at
    from {{ ref('silver_' ~ topic ~ '_validated') }}
    where {{ is_touched }}
    group by cast(_timestamp as date)
),
{% endfor %}

silver_landed_days as (
    {% for topic in topics() %}
    select * from {{ topic }}_by_day
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from silver_landed_days
