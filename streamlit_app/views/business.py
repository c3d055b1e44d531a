"""Business: every KPI of the artist's business, what it was before, what it is to be, and how it is made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from streamlit_app import charts, components, filters, numbers, viewer
from streamlit_app.head import head
from streamlit_app.kpis import Kpi
from streamlit_app.queries import business
from streamlit_app.snapshot import Snapshot

DAYS = {"30": "30 d", "90": "90 d", "180": "6 months", "365": "1 year"}
HEADLINES = (
    "net_royalty", "missing_royalty", "ad_spend", "cost_per_new_listener", "streams", "new_listeners",
    "platform_streams", "followers", "email_open_rate", "podcast_downloads",
)  # fmt: skip
SOURCES = {
    "royalty_reconciliation": "Royalties",
    "fct_ad_performance": "Advertising",
    "daily_listening_stats": "Listening",
    "fct_platform_streams": "Platforms",
    "fct_social_daily": "Social",
    "fct_email_campaigns": "E-mail",
    "podcast_downloads": "Podcasts",
}
OWN = ("daily_listening_stats", "podcast_downloads")  # told without any report
GOOD = {"more": True, "less": False}


def written(value: float, row: Mapping[str, Any]) -> str:
    """A value of that KPI as people read it."""
    if row["unit"] == "currency":
        return numbers.money(value, row["report_currency"])
    if row["unit"] == "percent":
        return numbers.percent(value / 100)
    is_small = abs(value) < 100 and value != round(value)
    return numbers.tenth(value) if is_small else numbers.compact(value)


def figure(row: Mapping[str, Any]) -> Kpi:
    """One KPI as a card."""
    is_rate = row["unit"] == "percent"
    scale = 100 if is_rate else 1
    value, target = float(row["value"]), row["target"]
    prior = None if row["prior"] is None else float(row["prior"]) / scale
    reached = None
    if target is not None:
        part, whole = (value, float(target)) if row["better"] != "less" else (float(target), value)
        reached = part / whole if whole else 1.0
    return Kpi(
        row["title"],
        value / scale,
        written(value, row),
        prior,
        is_rate,
        GOOD.get(row["better"]),
        trend=row["trend"],
        note=numbers.span(row["first_date"], row["last_date"]) if prior is None else "",
        meaning=f"{row['formula']}; {row['unit']} per {row['grain']}. {row['caveat']}",
        aim="" if target is None else f"Target {written(float(target), row)}",
        reached=reached,
    )


def cards(told: pl.DataFrame, days: int) -> None:
    """The cards of a part; each compares with as long a time before."""
    spans = {name: (first, last) for name, first, last in
             told.select("kpi_source", "first_date", "last_date").iter_rows()}  # fmt: skip
    said = " · ".join(f"{SOURCES[name]} {_until(*span, days)}" for name, span in spans.items())
    st.caption(f"As far as each source tells: {said}")
    components.kpi_row([figure(row) for row in told.iter_rows(named=True)], "vs before")


def _until(first: date, last: date, days: int) -> str:
    months = f"{first:%b %Y}" if first == last else f"{first:%b %Y} – {last:%b %Y}"
    return months if last.day == 1 and first.day == 1 and days >= 30 else numbers.span(first, last)


def one_over_time(snapshot: Snapshot, told: pl.DataFrame, *, with_money: bool) -> None:
    """All that is told of one KPI."""
    with components.panel("kpi", "One KPI over time", "All that is told, by day or month") as panel:
        names = dict(told.select("kpi", "title").iter_rows())
        kpi = filters.selection("kpi", "KPI", names) or ""
        data = business.over_time(snapshot, kpi, with_money=with_money)
        spec = charts.lines("name", "value", [names[kpi]], "day")
        components.chart(panel, data, spec, f"{names[kpi]} over time")


def definitions(told: pl.DataFrame) -> None:
    """How each is made, and what to know before believing it."""
    components.table(
        "kpis",
        "What they are",
        told.drop("trend"),
        {
            "title": st.column_config.TextColumn("KPI", width=150),
            "value": st.column_config.NumberColumn("Value", format="localized", width=90),
            "prior": st.column_config.NumberColumn("Before", format="localized", width=90),
            "target": st.column_config.NumberColumn("Target", format="localized", width=80),
            "unit": st.column_config.TextColumn("Unit", width=80),
            "formula": st.column_config.TextColumn("How it is made", width=230),
            "caveat": st.column_config.TextColumn("Before believing it", width=280),
            "kpi_source": st.column_config.TextColumn("From", width=130),
        },
        rows=12,
    )


snapshot = components.require_snapshot()
with_money = viewer.sees_money()
title, tools = head()
with title:
    components.heading(snapshot, "Business", "What the artist's business is worth, gains and costs")
with tools:
    days = int(filters.choice("days", "Range", DAYS, "30"))
told = business.board(snapshot, days, with_money=with_money)
told = told.sort(pl.col("kpi_source").replace_strict({name: place for place, name in enumerate(SOURCES)}))
if told.filter(~pl.col("kpi_source").is_in(OWN)).is_empty():
    components.no_reports("No platform's report tells anything yet: bring royalties, ads, e-mail or social.")
if told.is_empty():
    st.stop()
present = set(told["kpi_source"])
parts = {"key": "Key figures"} | {key: name for key, name in SOURCES.items() if key in present}
part = filters.choice("of", "Of", parts, "key")
if part == "key":
    of = told.filter(pl.col("kpi").is_in(HEADLINES))
    of = of.sort(pl.col("kpi").replace_strict({kpi: place for place, kpi in enumerate(HEADLINES)}))
else:
    of = told.filter(kpi_source=part)
cards(of, days)
one_over_time(snapshot, of, with_money=with_money)
definitions(told if part == "key" else of)
