with

silver_user_steps as (
    select * from {{ ref('silver_user_steps') }}
),

cohorts as (
    select
        registered_date as funnel_date,
        count(*) as registered,
        count(first_played_date) as played,
        count(paid_date) as paid,
        count(churned_date) as churned
    from silver_user_steps
    group by registered_date
),

steps as (
    {% for step in ['first_played', 'paid', 'churned'] %}
    select
        {{ step }}_date as funnel_date,
        {{ '1' if step == 'first_played' else '0' }} as first_played,
        {{ '1' if step == 'paid' else '0' }} as paid,
        {{ '1' if step == 'churned' else '0' }} as churned
    from silver_user_steps
    where {{ step }}_date is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

that_day as (
    select
        funnel_date,
        cast(sum(first_played) as bigint) as first_plays_that_day,
        cast(sum(paid) as bigint) as conversions_that_day,
        cast(sum(churned) as bigint) as churns_that_day
    from steps
    group by funnel_date
),

subscription_funnel_daily as (
    select
        coalesce(cohorts.registered, 0) as registered,
        coalesce(cohorts.played, 0) as played,
        coalesce(cohorts.paid, 0) as paid,
        coalesce(cohorts.churned, 0) as churned,
        coalesce(that_day.first_plays_that_day, 0) as first_plays_that_day,
        coalesce(that_day.conversions_that_day, 0) as conversions_that_day,
        coalesce(that_day.churns_that_day, 0) as churns_that_day,
        cast(cohorts.played as double) / cohorts.registered as played_rate,
        cast(cohorts.paid as double) / nullif(cohorts.played, 0) as paid_rate,
        cast(cohorts.churned as double) / nullif(cohorts.paid, 0) as churn_rate,
        coalesce(cohorts.funnel_date, that_day.funnel_date) as funnel_date
    from cohorts
    full join that_day on cohorts.funnel_date = that_day.funnel_date
)

select * from subscription_funnel_daily
