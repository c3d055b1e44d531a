"""Who comes, stays, pays and goes: the funnel, cohorts, churn, and what a life is worth in listening."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from streamlit_app.periods import Period
from streamlit_app.snapshot import Snapshot


def span(snapshot: Snapshot) -> Mapping[str, object]:
    """first_date and last_date of any activity; null when there is none."""
    return snapshot.row(
        """select min(first_active_date) as first_date, max(last_active_date) as last_date
           from gold.user_lifetime_metrics"""
    )


def funnel(snapshot: Snapshot, period: Period) -> Mapping[str, object]:
    """registered, played, paid, churned: those who registered in the period, and how far they have come."""
    return snapshot.row(
        """select coalesce(sum(registered), 0)::bigint as registered,
               coalesce(sum(played), 0)::bigint as played, coalesce(sum(paid), 0)::bigint as paid,
               coalesce(sum(churned), 0)::bigint as churned
           from gold.subscription_funnel_daily where funnel_date between $first and $last""",
        first=period.first,
        last=period.last,
    )


def people(snapshot: Snapshot, period: Period) -> Mapping[str, object]:
    """active_users (different ones), new_users (first active within the period), ms_played."""
    return snapshot.row(
        """select count(distinct user_id) as active_users, coalesce(sum(ms_played), 0)::bigint as ms_played,
               (select count(*) from gold.user_lifetime_metrics
                where first_active_date between $first and $last) as new_users
           from gold.daily_user_activity where activity_date between $first and $last""",
        first=period.first,
        last=period.last,
    )


def daily(snapshot: Snapshot, period: Period) -> pl.DataFrame:
    """One row per day: day, active_users, new_users, conversions, churns; silent days included."""
    return snapshot.frame(
        """with days as (
               select unnest(generate_series($first::date, $last::date, interval 1 day))::date as day
           ), active as (
               select activity_date as day, count(*) as active_users from gold.daily_user_activity
               where activity_date between $first and $last group by day
           ), new as (
               select first_active_date as day, count(*) as new_users from gold.user_lifetime_metrics
               where first_active_date between $first and $last group by day
           )
           select day, coalesce(active_users, 0) as active_users, coalesce(new_users, 0) as new_users,
               coalesce(conversions_that_day, 0) as conversions, coalesce(churns_that_day, 0) as churns
           from days left join active using (day) left join new using (day)
           left join gold.subscription_funnel_daily on funnel_date = day order by day""",
        first=period.first,
        last=period.last,
    )


def paying(snapshot: Snapshot, period: Period, step: str) -> pl.DataFrame:
    """Per day, week or month (`step`): start, finish, came (began to pay), went (stopped), stay, churn_rate.

    stay is how many pay at its end, of those who registered within the data; churn_rate is of those who paid
    when the step began, null where nobody did.
    """
    return snapshot.frame(
        """with steps as (
               select unnest(generate_series(
                   (select date_trunc($step, least(min(funnel_date), $first))
                    from gold.subscription_funnel_daily),
                   $last::timestamp, ('1 ' || $step)::interval
               ))::date as start
           ), moves as (
               select date_trunc($step, funnel_date)::date as start,
                   sum(conversions_that_day)::bigint as came, sum(churns_that_day)::bigint as went
               from gold.subscription_funnel_daily where funnel_date <= $last group by all
           ), added as (
               select start, coalesce(came, 0) as came, coalesce(went, 0) as went,
                   sum(coalesce(came, 0) - coalesce(went, 0)) over (order by start)::bigint as stay
               from steps left join moves using (start)
           )
           select start::timestamp as start, start + ('1 ' || $step)::interval as finish, came, went, stay,
               went / nullif(stay - came + went, 0) as churn_rate
           from added where start >= date_trunc($step, $first::date)::date order by start""",
        first=period.first,
        last=period.last,
        step=step,
    )


def retention(snapshot: Snapshot, step: str, many: int = 12) -> pl.DataFrame:
    """cohort (first day of the step in which they were first active), size, age (steps since), users, share.

    The newest `many` cohorts; only steps that are over, so that no cohort seems to leave at the end.
    """
    return snapshot.frame(
        """with newest as (
               select max(last_active_date) as day from gold.user_lifetime_metrics
           ), sizes as (  -- whoever is of a cohort was active in its first step
               select cohort_date as cohort, users as size from gold.cohort_retention
               where step = $step and age = 0 order by cohort desc limit $many
           ), cells as (
               select cohort, size, age from sizes, range($many) as ages(age), newest
               where cohort + (age + 1) * ('1 ' || $step)::interval <= newest.day + interval 1 day
           )
           select cohort, size, cells.age, coalesce(users, 0) as users, coalesce(users, 0) / size as share
           from cells left join gold.cohort_retention as seen
               on seen.step = $step and seen.cohort_date = cells.cohort and seen.age = cells.age
           order by cohort, cells.age""",
        step=step,
        many=many,
    )


def value(snapshot: Snapshot, weeks: int = 26, fewest: int = 5) -> pl.DataFrame:
    """level, week (of life, from 1), users, hours (heard per user up to its end), most users first.

    A week counts those alone who have had it whole, active or gone; fewer than `fewest` are left out.
    """
    return snapshot.frame(
        """select level, week, users,
               sum(ms_played / users / 3600000) over (partition by level order by week) as hours
           from gold.lifetime_value_weekly where week <= $weeks and users >= $fewest
           order by max(users) over (partition by level) desc, level, week""",
        weeks=weeks,
        fewest=fewest,
    )


def lifetimes(snapshot: Snapshot) -> pl.DataFrame:
    """One row per level: users, active_share, days (median life), skip_rate; per user active_days, sessions,
    streams and hours."""
    return snapshot.frame(
        """select coalesce(level, 'unknown') as level, count(*) as users,
               count(*) filter (is_active) / count(*) as active_share, median(lifetime_days) as days,
               avg(active_days) as active_days, avg(sessions) as sessions, avg(streams) as streams,
               avg(ms_played) / 3600000 as hours, sum(skips) / nullif(sum(plays), 0) as skip_rate
           from gold.user_lifetime_metrics group by all order by users desc, level"""
    )


def median_life(snapshot: Snapshot) -> Mapping[str, object]:
    """days (median life), hours (heard per user), users."""
    return snapshot.row(
        """select median(lifetime_days) as days, avg(ms_played) / 3600000 as hours, count(*) as users
           from gold.user_lifetime_metrics"""
    )
