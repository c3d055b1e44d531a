-- In = accepted + rejected, per topic: what a reader of silver sees adds up to what was judged. A play that
-- another source tells better is accepted too, and lies elsewhere.
with

rejected as (
    select
        topic,
        count(*) as records
    from {{ ref('silver_rejected_events') }}
    group by topic
),

counted as (
    {% for topic in [
        'auth_events', 'likes', 'page_views', 'playback_started', 'plays', 'podcast_events', 'skips',
        'subscription_changes'
    ] %}
    select
        '{{ topic }}' as topic,
        (select count(*) from {{ ref('silver_' ~ topic ~ '_validated') }}) as judged,
        (select count(*) from {{ ref('silver_' ~ topic) }})
        {{- " + (select count(*) from " ~ ref('silver_merged_plays') ~ ")" if topic == 'plays' }} as accepted
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    counted.topic,
    counted.judged,
    counted.accepted,
    rejected.records as rejected
from counted
left join rejected on counted.topic = rejected.topic
where counted.judged <> counted.accepted + coalesce(rejected.records, 0)
