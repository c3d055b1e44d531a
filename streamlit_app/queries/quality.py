"""How sound the data are: volumes and which are odd, what was refused with samples, how old models are."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from streamlit_app.periods import Period
from streamlit_app.snapshot import Snapshot

ALL = "all"


def topics(snapshot: Snapshot) -> list[str]:
    """The topics with volumes, most events first."""
    found = snapshot.frame(
        "select topic from gold.event_volume_hourly group by topic order by sum(events) desc, topic"
    )
    return found["topic"].to_list()


def totals(snapshot: Snapshot, period: Period, topic: str = ALL) -> Mapping[str, object]:
    """events (accepted), rejected (those that say when) and odd_hours of the period."""
    return snapshot.row(
        """select coalesce(sum(events), 0)::bigint as events, coalesce(sum(rejected), 0)::bigint as rejected,
               count(*) filter (is_anomaly) as odd_hours
           from gold.event_volume_hourly
           where event_date between $first and $last and $topic in ('all', topic)""",
        first=period.first,
        last=period.last,
        topic=topic,
    )


def volume(snapshot: Snapshot, period: Period, topic: str, grain: str) -> pl.DataFrame:
    """One row per hour or day: bucket, events, expected, rejected, anomaly (drop, surge), odd (in words).

    What is expected of a bucket is unknown as long as it is for one of its hours and topics.
    """
    return snapshot.frame(
        """select date_trunc($grain, event_hour)::timestamp as bucket, sum(events)::bigint as events,
               if(count(expected_events) = count(*), sum(expected_events), null) as expected,
               sum(rejected)::bigint as rejected,
               case when bool_or(is_drop) then 'drop' when bool_or(is_surge) then 'surge' end as anomaly,
               string_agg(distinct topic || ' ' || anomaly, ', ') filter (is_anomaly) as odd
           from gold.event_volume_hourly
           where event_date between $first and $last and $topic in ('all', topic)
           group by bucket order by bucket""",
        first=period.first,
        last=period.last,
        topic=topic,
        grain=grain,
    )


def daily(snapshot: Snapshot, period: Period, topic: str = ALL) -> pl.DataFrame:
    """One row per day that has hours: event_date, events, rejected, odd_hours."""
    return snapshot.frame(
        """select event_date, sum(events)::bigint as events, sum(rejected)::bigint as rejected,
               count(*) filter (is_anomaly) as odd_hours
           from gold.event_volume_hourly
           where event_date between $first and $last and $topic in ('all', topic)
           group by event_date order by event_date""",
        first=period.first,
        last=period.last,
        topic=topic,
    )


def anomalies(snapshot: Snapshot, period: Period, topic: str = ALL, many: int = 200) -> pl.DataFrame:
    """event_hour, topic, anomaly, events, expected, off (share by which it differs), newest first."""
    return snapshot.frame(
        """select event_hour, topic, anomaly, events, expected_events as expected,
               events / nullif(expected_events, 0) - 1 as off
           from gold.event_volume_hourly
           where is_anomaly and event_date between $first and $last and $topic in ('all', topic)
           order by event_hour desc, topic limit $many""",
        first=period.first,
        last=period.last,
        topic=topic,
        many=many,
    )


def rules(snapshot: Snapshot, topic: str = ALL) -> pl.DataFrame:
    """rule, events, topics, last_date (of landing): each reason for which events were refused, most first."""
    return snapshot.frame(
        """select error_code as rule, sum(events)::bigint as events,
               string_agg(distinct topic, ', ' order by topic) as topics, max(error_date) as last_date
           from gold.data_quality_summary where $topic in ('all', topic)
           group by error_code order by events desc, rule""",
        topic=topic,
    )


def samples(snapshot: Snapshot, rule: str, topic: str = ALL, many: int = 100) -> pl.DataFrame:
    """landed_at, topic, detail, user_id, source, payload (as it came) of what `rule` refused, newest first.

    A snapshot holds some per topic and combination of rules, not all.
    """
    if not snapshot.holds("silver_rejected_events"):
        return pl.DataFrame()
    return snapshot.frame(
        """select landed_at, topic, error_detail as detail, user_id, source, payload
           from silver.silver_rejected_events
           where list_contains(string_split(error_codes, ','), $rule) and $topic in ('all', topic)
           order by landed_at desc, record_id limit $many""",
        rule=rule,
        topic=topic,
        many=many,
    )


def models(snapshot: Snapshot) -> pl.DataFrame:
    """model, status, seconds, before (in the build before), built_at, rows (if published), slowest first.

    Empty for a snapshot of before builds were written down.
    """
    if not snapshot.holds("model_timings"):
        return pl.DataFrame()
    return snapshot.frame(
        """with timed as (
               select *, row_number() over (partition by model order by began_at desc) as age
               from model_timings
           )
           select model, max(status) filter (age = 1) as status, max(seconds) filter (age = 1) as seconds,
               max(seconds) filter (age = 2) as before, max(began_at) as built_at,
               any_value(row_count) as rows
           from timed left join meta on table_name = 'gold.' || model
           group by model order by seconds desc, model"""
    )
