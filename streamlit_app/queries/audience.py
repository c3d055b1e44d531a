"""Who hears and follows: what reports tell of followers, listeners and e-mails, and where listeners are."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from streamlit_app.periods import Period
from streamlit_app.snapshot import Snapshot

# A platform tells the same listeners in several reports: of a store's day the fullest report counts.
_LISTENERS = """with reports as (
    select lower(store) as store_key, min(store) as store_name, report_kind, line_date,
        sum(listeners)::bigint as listeners
    from gold.fct_platform_streams
    where listeners is not null and line_date between $first and $last
    group by lower(store), report_kind, line_date
), listened as (
    select store_key, min(store_name) as store_name, line_date, max(listeners) as listeners
    from reports group by store_key, line_date
)
"""


def _heard(snapshot: Snapshot, period: Period, rest: str) -> pl.DataFrame:
    return snapshot.frame(_LISTENERS + rest, first=period.first, last=period.last)


def span(snapshot: Snapshot) -> Mapping[str, object]:
    """first_date, last_date of what reports tell of followers, listeners and e-mails; null without any."""
    return snapshot.row(
        """select min(told) as first_date, max(told) as last_date
           from (
               select line_date as told from gold.fct_social_daily where followers is not null
               union all
               select line_date from gold.fct_platform_streams where listeners is not null
               union all
               select sent_date from gold.fct_email_campaigns where recipients > 0
           )"""
    )


def followers_now(snapshot: Snapshot, period: Period) -> Mapping[str, object]:
    """followers at the period's end, those before it (prior, null where nothing is told), platforms."""
    return snapshot.row(
        """with counts as (
               select platform,
                   arg_max(followers, line_date) filter (line_date <= $last) as followers,
                   arg_max(followers, line_date) filter (line_date < $first) as prior
               from gold.fct_social_daily where followers is not null
               group by platform, report_kind, item_id
           )
           select sum(followers)::bigint as followers, sum(prior)::bigint as prior,
               count(distinct platform) filter (followers is not null) as platforms
           from counts""",
        first=period.first,
        last=period.last,
    )


def followers(snapshot: Snapshot, period: Period) -> pl.DataFrame:
    """bucket (day), platform, people: followers at the end of each day that a report tells."""
    return snapshot.frame(
        """select line_date::timestamp as bucket, platform, sum(followers)::bigint as people
           from gold.fct_social_daily
           where followers is not null and line_date between $first and $last
           group by line_date, platform order by bucket, platform""",
        first=period.first,
        last=period.last,
    )


def listeners(snapshot: Snapshot, period: Period) -> pl.DataFrame:
    """bucket (day), platform, people: listeners of each day that a report tells."""
    return _heard(
        snapshot,
        period,
        """select line_date::timestamp as bucket, store_name as platform, listeners as people
           from listened order by bucket, platform""",
    )


def listeners_a_day(snapshot: Snapshot, period: Period) -> float | None:
    """Listeners of a day on all stores, on the mean of the days that are told; None without any."""
    found = _heard(
        snapshot,
        period,
        """select avg(listeners) as listeners
           from (select sum(listeners) as listeners from listened group by line_date)""",
    ).item()
    return None if found is None else float(found)


def mailed(snapshot: Snapshot, period: Period) -> Mapping[str, object]:
    """campaigns, list_size (recipients of the newest), recipients, openers, clickers, unsubscribes."""
    return snapshot.row(
        """select count(*) as campaigns, arg_max(recipients, sent_date)::bigint as list_size,
               coalesce(sum(recipients), 0)::bigint as recipients,
               coalesce(sum(openers), 0)::bigint as openers,
               coalesce(sum(clickers), 0)::bigint as clickers,
               coalesce(sum(unsubscribes), 0)::bigint as unsubscribes
           from gold.fct_email_campaigns where recipients > 0 and sent_date between $first and $last""",
        first=period.first,
        last=period.last,
    )


def letters(snapshot: Snapshot) -> pl.DataFrame:
    """bucket (day it was sent), subject_line, name (Received, Opened or Clicked), people: of every e-mail."""
    return snapshot.frame(
        """select sent_date::timestamp as bucket,
               coalesce(subject_line, campaign_name, campaign_id) as subject_line, name, people
           from gold.fct_email_campaigns
           unpivot (people for name in (recipients as Received, openers as Opened, clickers as Clicked))
           where sent_date is not null order by bucket, subject_line, name desc"""
    )


def countries(snapshot: Snapshot, period: Period) -> pl.DataFrame:
    """country, country_name, streams and listeners (a day) that reports tell, own_streams and own_listeners
    (a day) of the plays that landed here; most streams first."""
    return snapshot.frame(
        """with reports as (
               select country, lower(store) as store_key, report_kind, line_date, sum(streams) as streams,
                   sum(listeners) as listeners
               from gold.fct_platform_streams
               where country is not null and line_date between $first and $last group by all
           ), fullest as (
               select country, store_key, line_date, max(streams) as streams, max(listeners) as listeners
               from reports group by all
           ), days as (
               select country, line_date, sum(streams) as streams, sum(listeners) as listeners
               from fullest group by all
           ), told as (
               select country, sum(streams)::bigint as streams, avg(listeners) as listeners
               from days group by country
           ), own as (
               select region as country, sum(streams)::bigint as own_streams, avg(listeners) as own_listeners
               from gold.daily_listening_stats
               where region <> 'GLOBAL' and played_date between $first and $last group by region
           )
           select country, coalesce(country_name, country) as country_name, streams, listeners, own_streams,
               own_listeners
           from told full join own using (country) left join gold.dim_regions using (country)
           order by coalesce(streams, 0) + coalesce(own_streams, 0) desc, country""",
        first=period.first,
        last=period.last,
    )


def devices(snapshot: Snapshot, period: Period) -> pl.DataFrame:
    """device, plays, share (of all plays) of the plays that landed here, most first."""
    return snapshot.frame(
        """select coalesce(device, 'Unknown') as device, count(*) as plays,
               count(*) / sum(count(*)) over () as share
           from gold.fct_plays where played_date between $first and $last
           group by all order by plays desc, device""",
        first=period.first,
        last=period.last,
    )
