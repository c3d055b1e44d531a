{#- Steps, and how many of a cohort's days are told where a step is one: its weeks and months are all. -#}
{%- set steps = ['day', 'week', 'month'] -%}
{%- set days_told = 31 -%}

with

daily_user_activity as (
    select * from {{ ref('daily_user_activity') }}
),

user_lifetime_metrics as (
    select * from {{ ref('user_lifetime_metrics') }}
),

days as (
    select
        daily_user_activity.user_id,
        daily_user_activity.activity_date,
        user_lifetime_metrics.first_active_date
    from daily_user_activity
    inner join user_lifetime_metrics on daily_user_activity.user_id = user_lifetime_metrics.user_id
),

{% for step in steps %}
{%- set cohort, now = date_trunc(step, 'first_active_date'), date_trunc(step, 'activity_date') %}
{#- Weeks by their Mondays: what dbt's own difference takes for a week begins on Sunday in DuckDB. #}
{%- set days_between = datediff(cohort, now, 'day') %}
{%- set age = '(' ~ days_between ~ ') / 7' if step == 'week' else datediff(cohort, now, step) %}
by_{{ step }} as (
    select
        '{{ step }}' as step,
        cast({{ cohort }} as date) as cohort_date,
        cast({{ age }} as bigint) as age,
        count(distinct user_id) as users
    from days
    {% if step == 'day' -%}
    where {{ datediff('first_active_date', 'activity_date', 'day') }} < {{ days_told }}
    {% endif -%}
    group by cast({{ cohort }} as date), cast({{ age }} as bigint)
),
{% endfor %}

by_step as (
    {% for step in steps %}
    select * from by_{{ step }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

cohort_retention as (
    select
        step || '|' || cast(cohort_date as varchar) || '|' || cast(age as varchar) as cohort_key,
        step,
        age,
        users,
        cohort_date
    from by_step
)

select * from cohort_retention
