with

topics as (
    {% for topic in [
        'auth_events', 'likes', 'page_views', 'playback_started', 'plays', 'podcast_events', 'skips',
        'subscription_changes'
    ] %}
    select
        '{{ topic }}' as topic,
        count(*) as landed,
        count(case when is_accepted then 1 end) as accepted,
        count(case when not is_accepted then 1 end) as rejected,
        max(case when is_accepted then {{ 'ended_at' if topic == 'plays' else 'occurred_at' }} end)
            as latest_occurred_at,
        max(_timestamp) as latest_landed_at,
        max(_loaded_at) as loaded_at
    from {{ ref('silver_' ~ topic ~ '_validated') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

pipeline_freshness as (
    select
        topic,
        landed,
        accepted,
        rejected,
        latest_occurred_at,
        latest_landed_at,
        loaded_at
    from topics
)

select * from pipeline_freshness
