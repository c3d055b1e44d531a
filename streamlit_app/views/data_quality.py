"""Data quality: what came in and what is odd about it, what was refused and why, how fresh everything is."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import polars as pl
import streamlit as st

from streamlit_app import browser, builds, charts, components, filters, numbers
from streamlit_app.head import head
from streamlit_app.kpis import Kpi
from streamlit_app.periods import Period
from streamlit_app.queries import pipeline, quality
from streamlit_app.snapshot import Snapshot


def key_figures(now: Any, before: Any, daily: pl.DataFrame, newest: Kpi, build: Kpi) -> list[Kpi]:
    """Volumes with their trends, then how fresh it all is; `before` is None when the data do not cover it."""

    def amount(name: str, key: str, *, is_good: bool | None) -> Kpi:
        prior = before[key] if before else None
        trend = daily[key].to_list()
        return Kpi(name, now[key], numbers.compact(now[key]), prior, rising_is_good=is_good, trend=trend)

    return [
        amount("Events", "events", is_good=None),
        amount("Rejected", "rejected", is_good=False),
        amount("Odd hours", "odd_hours", is_good=False),
        newest,
        build,
    ]


def newest_event(topics: pl.DataFrame, published: datetime) -> Kpi:
    """How old the newest event was when the snapshot was published."""
    latest = cast(datetime | None, topics["latest_occurred_at"].max())
    landed = cast(datetime | None, topics["latest_landed_at"].max())
    if latest is None or landed is None:
        return Kpi("Newest event", None, "–")
    minutes = (published - latest).total_seconds() / 60
    return Kpi(
        "Newest event", minutes, numbers.ago(latest, published), note=f"landed {numbers.minute(landed)}"
    )


def last_build(runs: pl.DataFrame) -> Kpi:
    """What became of the last build, with its seconds as the value."""
    if runs.is_empty():
        return Kpi("Last build", None, "–", note="none was written down")
    last = runs.row(0, named=True)
    note = f"{last['models']} models, {last['tests']} tests in {last['seconds']:.0f} s"
    return Kpi("Last build", last["seconds"], last["outcome"], note=note)


def volumes(snapshot: Snapshot, period: Period, topic: str) -> None:
    """What came, what was expected, and the odd hours one by one."""
    # A year of hours would be 8,760 points, more than the picture has room for.
    grain = "hour" if period.days <= 31 else "day"
    left, right = st.columns([1.5, 1])
    note = "Dashed: the same hour in the weeks before. ▼ a sudden drop, ▲ a sudden surge."
    with left, components.panel("volume", f"Events per {grain}", note) as panel:
        data = quality.volume(snapshot, period, topic, grain)
        data = browser.clock(data, "bucket") if grain == "hour" else data
        components.chart(
            panel,
            data,
            charts.volumes(grain, 320),
            f"Events per {grain}, what was expected, and odd ones marked",
        )
    with right:
        found = browser.clock(quality.anomalies(snapshot, period, topic), "event_hour")
        zone = browser.zone_name()
        signs = {"drop": "▼ drop", "surge": "▲ surge"}
        of_topic = {"topic": st.column_config.TextColumn("Topic", width=110)} if topic == quality.ALL else {}
        components.table(
            "anomalies",
            "Odd hours",
            found.with_columns(pl.col("anomaly").replace(signs)),
            {
                "event_hour": st.column_config.DatetimeColumn(
                    f"Hour ({zone})", format="D MMM, HH:mm", width=105
                ),
                **of_topic,
                "anomaly": st.column_config.TextColumn("What", width=70),
                "events": st.column_config.NumberColumn("Events", format="localized", width=65),
                "expected": st.column_config.NumberColumn("Expected", format="%.0f", width=75),
                "off": st.column_config.NumberColumn("Off by", format="percent", width=70),
            },
            rows=10,
        )


def refusals(snapshot: Snapshot, topic: str) -> None:
    """Rules by what they refused, and samples of what one of them did."""
    rules = quality.rules(snapshot, topic)
    if rules.is_empty():
        components.empty("Nothing was refused: every event that landed was accepted.", name="refused")
        return
    left, right = st.columns([1, 1.7])
    with (
        left,
        components.panel("rules", "Rejected, by rule", "Ever; under each rule an event broke") as panel,
    ):
        components.csv_button(panel, rules)
        most = max(rules["events"].to_list())
        events = st.column_config.ProgressColumn("Events", format="localized", max_value=most)
        named = {"rule": st.column_config.TextColumn("Rule", width=210)}
        components.rows_of("Rejected, by rule", rules, {**named, "events": events}, 7)
        names = {name: name for name in rules["rule"].to_list()}
        rule = filters.selection("rule", "Show samples of", names) or ""
    samples, landed = quality.samples(snapshot, rule, topic), f"Landed ({browser.zone_name()})"
    if samples.height:
        samples = browser.clock(samples, "landed_at")
    with right:
        components.table(
            "samples",
            f"Samples: {rule}",
            samples,
            {
                "landed_at": st.column_config.DatetimeColumn(landed, format="D MMM, HH:mm", width=105),
                "topic": st.column_config.TextColumn("Topic", width=110),
                "detail": st.column_config.TextColumn("What is wrong", width=170),
                "source": st.column_config.TextColumn("Source", width=80),
                "payload": st.column_config.TextColumn("As it came", width=420),
            },
            rows=11,
        )


def freshness(topics: pl.DataFrame, published: datetime) -> None:
    """What has landed per topic: accepted, or kept with the reasons why it was not; and how long ago."""
    ages = [numbers.ago(moment, published) if moment else "never" for moment in topics["latest_landed_at"]]
    components.table(
        "pipeline",
        "Freshness by topic",
        browser.clock(topics, "latest_occurred_at").with_columns(pl.Series("age", ages, dtype=pl.String)),
        {
            "topic": st.column_config.TextColumn("Topic", width=150),
            "landed": st.column_config.NumberColumn("Landed", format="localized"),
            "accepted": st.column_config.NumberColumn("Accepted", format="localized"),
            "rejected": st.column_config.NumberColumn("Rejected", format="localized"),
            "accepted_share": st.column_config.ProgressColumn(
                "Accepted share", format="percent", min_value=0, max_value=1
            ),
            "latest_occurred_at": st.column_config.DatetimeColumn(
                f"Latest event ({browser.zone_name()})", format="D MMM YYYY, HH:mm"
            ),
            "age": st.column_config.TextColumn("Last landed", help="Before this snapshot was published"),
        },
    )


snapshot = components.require_snapshot()
title, tools = head()
with title:
    first, last = components.page_header(snapshot, "Data quality", "What came in, and how sound it is")
with tools:
    options = {quality.ALL: "All topics"} | {name: name for name in quality.topics(snapshot)}
    topic = filters.selection("topic", "Topic", options, "plays") or quality.ALL
    period = filters.period(first, last)

published = cast(datetime, pipeline.published(snapshot)["published_at"])
topics = pipeline.topics(snapshot)
before = quality.totals(snapshot, period.prior(), topic) if period.prior().within(first, last) else None
figures = key_figures(
    quality.totals(snapshot, period, topic),
    before,
    quality.daily(snapshot, period, topic),
    newest_event(topics, published),
    last_build(pipeline.builds(snapshot)),
)
components.kpi_row(figures, f"vs prior {period.days} days")
volumes(snapshot, period, topic)
refusals(snapshot, topic)
freshness(topics, published)
builds.gates(snapshot)
builds.section(snapshot)
builds.lineage()
