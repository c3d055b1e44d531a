with

silver_landed_days as (
    select * from {{ ref('silver_landed_days') }}
),

topics as (
    {% for topic in topics() %}
    select '{{ topic }}' as topic
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

pipeline_freshness as (
    select
        topics.topic,
        cast(coalesce(sum(silver_landed_days.landed), 0) as bigint) as landed,
        cast(coalesce(sum(silver_landed_days.accepted), 0) as bigint) as accepted,
        cast(coalesce(sum(silver_landed_days.rejected), 0) as bigint) as rejected,
        max(silver_landed_days.latest_occurred_at) as latest_occurred_at,
        max(silver_landed_days.latest_landed_at) as latest_landed_at,
        max(silver_landed_days._loaded_at) as loaded_at
    from topics
    left join silver_landed_days on topics.topic = silver_landed_days.topic
    group by topics.topic
)

select * from pipeline_freshness
