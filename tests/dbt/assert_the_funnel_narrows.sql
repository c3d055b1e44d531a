-- Each step is taken by some of those who took the one before; both ways to count hold everybody once.
with

funnel as (
    select * from {{ ref('subscription_funnel_daily') }}
),

totals as (
    select
        coalesce(sum(registered), 0) as registered,
        coalesce(sum(played), 0) as played,
        coalesce(sum(first_plays_that_day), 0) as first_plays,
        coalesce(sum(paid), 0) as paid,
        coalesce(sum(conversions_that_day), 0) as conversions,
        coalesce(sum(churned), 0) as churned,
        coalesce(sum(churns_that_day), 0) as churns
    from funnel
),

users as (
    select count(registered_at) as registered from {{ ref('dim_users') }}
)

select
    'a step is wider than the one before' as problem,
    cast(funnel_date as varchar) as place
from funnel
where played > registered or paid > played or churned > paid
union all
select
    'the days and the cohorts do not add up' as problem,
    'all days' as place
from totals
cross join users
where
    totals.registered <> users.registered
    or totals.played <> totals.first_plays
    or totals.paid <> totals.conversions
    or totals.churned <> totals.churns
