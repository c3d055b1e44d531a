with

-- A play is dated by its end everywhere: that is when it was reported.
{% for topic in topics() %}
seen_in_{{ topic }} as (
    select
        user_id,
        {{ value_at_first('source', 'ended_at' if topic == 'plays' else 'occurred_at') }} as source,
        {{ value_at_last('country', 'ended_at' if topic == 'plays' else 'occurred_at') }} as country,
        {{ 'count(*)' if topic == 'plays' else '0' }} as plays,
        min({{ 'ended_at' if topic == 'plays' else 'occurred_at' }}) as first_seen_at,
        max({{ 'ended_at' if topic == 'plays' else 'occurred_at' }}) as last_seen_at
    from {{ ref('silver_' ~ topic) }}
    group by user_id
),
{% endfor %}

seen as (
    {% for topic in topics() %}
    select * from seen_in_{{ topic }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

users as (
    select
        user_id,
        {{ value_at_first('source', 'first_seen_at') }} as source,
        {{ value_at_last('country', 'last_seen_at') }} as country,
        cast(sum(plays) as bigint) as plays,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from seen
    group by user_id
),

registrations as (
    select
        user_id,
        min(occurred_at) as registered_at
    from {{ ref('silver_auth_events') }}
    where action = 'register' and succeeded
    group by user_id
),

levels as (
    select
        user_id,
        to_level as level
    from {{ ref('silver_subscription_changes') }}
    qualify row_number() over (partition by user_id order by occurred_at desc, event_id desc) = 1
),

silver_users as (
    select
        users.user_id,
        users.source,
        users.country,
        levels.level,
        users.plays,
        registrations.registered_at,
        users.first_seen_at,
        users.last_seen_at
    from users
    left join registrations on users.user_id = registrations.user_id
    left join levels on users.user_id = levels.user_id
)

select * from silver_users
