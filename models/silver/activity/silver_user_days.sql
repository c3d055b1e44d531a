{%- set measures = {
    'auth_events': {
        'registrations': "count(case when action = 'register' then 1 end)",
        'log_ins': "count(case when action = 'log_in' then 1 end)",
    },
    'likes': {'likes': 'count(case when liked then 1 end)'},
    'page_views': {'page_views': 'count(*)'},
    'plays': {
        'plays': 'count(*)',
        'streams': 'count(case when is_stream then 1 end)',
        'skips': 'count(case when is_skipped then 1 end)',
        'ms_played': 'coalesce(sum(ms_played), 0)',
    },
    'podcast_events': {
        'podcast_events': 'count(*)',
        'completed_episodes': "count(distinct case when action = 'complete' then episode_id end)",
    },
} -%}
{%- set names = [
    'registrations', 'log_ins', 'page_views', 'plays', 'streams', 'skips', 'likes', 'podcast_events',
    'completed_episodes', 'ms_played',
] -%}
{%- set is_touched = touched_by_any(measures, 'OWN_DAY', merged=true) -%}

with

{% for topic, counted in measures.items() %}
{%- set day = own_day(topic) %}
{%- set own_time = 'started_at' if topic == 'plays' else 'occurred_at' %}
{{ topic }}_by_day as (
    select
        user_id,
        country,
        {%- for name in names %}
        {{ counted.get(name, '0') }} as {{ name }},
        {%- endfor %}
        {{ day }} as activity_date,
        min({{ own_time }}) as first_active_at,
        max({{ own_time }}) as last_active_at
    from {{ ref('silver_' ~ topic) }}
    where
        {{ is_touched.replace('OWN_DAY', day) }}
        {{ 'and succeeded' if topic == 'auth_events' }}
    group by user_id, country, {{ day }}
),
{% endfor %}

by_day as (
    {% for topic in measures %}
    select * from {{ topic }}_by_day
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

silver_user_days as (
    select
        user_id || '|' || coalesce(country, '') || '|' || cast(activity_date as varchar) as user_day_key,
        user_id,
        country,
        {%- for name in names %}
        cast(sum({{ name }}) as bigint) as {{ name }},
        {%- endfor %}
        activity_date,
        min(first_active_at) as first_active_at,
        max(last_active_at) as last_active_at,
        {{ loaded_from_any(measures, merged=true) }} as _loaded_at
    from by_day
    group by user_id, country, activity_date
)

select * from silver_user_days
