"""How a release began beside its artist's others, and what was done for it. Advertising is money."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from streamlit_app.queries.releases import asked
from streamlit_app.snapshot import Snapshot

WEEK, MONTH = 7, 28  # days that a beginning is measured by
BEFORE, AFTER = timedelta(days=14), timedelta(days=MONTH)  # campaigns of a release run about its first day

_BESIDE = """, siblings as (
    select others.release_id, coalesce(others.release_title, 'Untitled') as release_name, release_day,
        others.release_id = this.release_id as is_this
    from gold.dim_releases as this
    join gold.dim_releases as others
        on others.release_id = this.release_id or others.artist_name = this.artist_name
    join begun on begun.release_id = others.release_id
    where this.release_id = $release and release_day is not null
), newest as (
    select max(line_date) as newest_date from daily
)
"""


def _beside(snapshot: Snapshot, rest: str, **parameters: object) -> pl.DataFrame:
    return asked(snapshot, _BESIDE + rest, **parameters)


def beginnings(snapshot: Snapshot, release: str) -> pl.DataFrame:
    """This release, then the artist's others, newest first: release_name, release_day, first_week,
    first_month (28 days), streams, is_this. A time that reports do not tell whole is null."""
    return _beside(
        snapshot,
        """select release_id, release_name, release_day, is_this,
               case when newest_date >= release_day + $week - 1 then
                   sum(streams) filter (line_date < release_day + $week)::bigint end as first_week,
               case when newest_date >= release_day + $month - 1 then
                   sum(streams) filter (line_date < release_day + $month)::bigint end as first_month,
               sum(streams)::bigint as streams
           from siblings join daily using (release_id) cross join newest
           group by release_id, release_name, release_day, is_this, newest_date
           order by is_this desc, release_day desc, release_id""",
        release=release,
        week=WEEK,
        month=MONTH,
    )


def first_days(snapshot: Snapshot, release: str, others: int = 4) -> pl.DataFrame:
    """release_name, day (1 to 28), streams so far: this release, and the newest `others` of its artist."""
    return _beside(
        snapshot,
        """, shown as (
               select release_id, release_name, release_day,
                   row_number() over (order by is_this desc, release_day desc, release_id) as place
               from siblings qualify place <= $others + 1
           ), passed as (
               select release_id, release_name, place, newest_date, release_day,
                   unnest(range(1, $month + 1)) as day
               from shown cross join newest
           )
           select release_name, passed.day, place, sum(streams)::bigint as streams
           from passed left join daily
               on daily.release_id = passed.release_id and line_date < release_day + passed.day::int
           where release_day + passed.day::int - 1 <= newest_date
           group by release_name, passed.day, place order by place, passed.day""",
        release=release,
        others=others,
        month=MONTH,
    )


def advertised(snapshot: Snapshot, release_day: date) -> pl.DataFrame:
    """campaign, kind, first_date, last_date, reached, clicks, new_listeners, spend: ads that ran about that
    day. It is money."""
    return snapshot.frame(
        """select coalesce(campaign_name, campaign_key) as campaign, 'Ads' as kind, first_date, last_date,
               impressions as reached, clicks, window_new_listeners as new_listeners, spend_converted as spend
           from gold.campaign_performance where first_date <= $last and last_date >= $first
           order by first_date, campaign""",
        first=release_day - BEFORE,
        last=release_day + AFTER,
    )


def mailed(snapshot: Snapshot, release_day: date) -> pl.DataFrame:
    """The same columns for e-mails sent about that day; reached are the recipients, without money."""
    return snapshot.frame(
        """select coalesce(subject_line, campaign_name, campaign_id) as campaign, 'E-mail' as kind,
               sent_date as first_date, sent_date as last_date, recipients as reached, clickers as clicks,
               null::bigint as new_listeners, null::decimal(28, 6) as spend
           from gold.fct_email_campaigns where sent_date between $first and $last
           order by sent_date, campaign""",
        first=release_day - BEFORE,
        last=release_day + AFTER,
    )
