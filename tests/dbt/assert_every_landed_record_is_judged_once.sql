-- A record that silver never saw, or saw twice, would be lost or counted twice by every table after it.
-- Only the objects of the newest load are compared: earlier ones were when they were loaded.
with

{% for topic in [
    'auth_events', 'likes', 'page_views', 'playback_started', 'plays', 'podcast_events', 'skips',
    'subscription_changes'
] %}
{%- set validated = ref('silver_' ~ topic ~ '_validated') %}
{%- set newest = newest_files(validated) %}
{{ topic }}_records as (
    select record_id from {{ ref('bronze_' ~ topic) }}
    where {{ in_files(newest) }}
),

{{ topic }}_judged as (
    select record_id from {{ validated }}
    where _file in {{ literals(newest) }}
),

{% endfor %}

counted as (
    {% for topic in [
        'auth_events', 'likes', 'page_views', 'playback_started', 'plays', 'podcast_events', 'skips',
        'subscription_changes'
    ] %}
    select
        '{{ topic }}' as topic,
        (select count(*) from {{ topic }}_records) as landed,
        (select count(*) from {{ topic }}_judged) as judged
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from counted
where landed <> judged
