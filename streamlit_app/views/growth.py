"""Growth: who comes, who stays, who pays, who goes, and what a life is worth in listening."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import polars as pl
import streamlit as st

from streamlit_app import charts, components, filters, numbers
from streamlit_app.funnel import funnel
from streamlit_app.head import head
from streamlit_app.kpis import Kpi
from streamlit_app.periods import Period
from streamlit_app.queries import growth
from streamlit_app.snapshot import Snapshot

COHORTS = {"day": "Days", "week": "Weeks", "month": "Months"}
PAYING = {"moves": "Came and went", "rate": "Churn rate"}


def key_figures(snapshot: Snapshot, period: Period, before: Period | None) -> list[Kpi]:
    """Six figures; the first four with their trend."""
    people, steps = growth.people(snapshot, period), growth.funnel(snapshot, period)
    people_before = growth.people(snapshot, before) if before else None
    daily, life = growth.daily(snapshot, period), growth.median_life(snapshot)

    def amount(name: str, key: str) -> Kpi:
        now, prior = cast(int, people[key]), cast(int, people_before[key]) if people_before else None
        return Kpi(name, now, numbers.compact(now), prior, trend=daily[key].to_list())

    def moves(name: str, key: str, *, is_good: bool) -> Kpi:
        now = int(daily[key].sum())
        prior = int(growth.daily(snapshot, before)[key].sum()) if before else None
        return Kpi(name, now, numbers.compact(now), prior, rising_is_good=is_good, trend=daily[key].to_list())

    paid = numbers.ratio(cast(int, steps["paid"]), cast(int, steps["registered"]))
    return [
        amount("Active users", "active_users"),
        amount("New users", "new_users"),
        moves("Began to pay", "conversions", is_good=True),
        moves("Stopped paying", "churns", is_good=False),
        Kpi("Registered to paid", paid, numbers.percent(paid), note="of those new in this range"),
        Kpi("Hours per user", cast(float, life["hours"]), f"{life['hours']:.1f}",
            note=f"over a median life of {life['days']:.0f} days"),
    ]  # fmt: skip


def funnel_panel(snapshot: Snapshot, period: Period) -> None:
    """How far those have come who registered within the period."""
    steps: Any = growth.funnel(snapshot, period)
    note = "Those who registered in this range, as far as they have come until now"
    with components.panel("funnel", "From registration to leaving", note) as panel:
        names = [
            ("Registered", "new accounts", steps["registered"]),
            ("Played", "of those registered", steps["played"]),
            ("Paid", "of those who played", steps["paid"]),
            ("Stopped paying", "of those who paid", steps["churned"]),
        ]
        data = pl.DataFrame([(name, count) for name, _, count in names], ["step", "users"], orient="row")
        components.csv_button(panel, data)
        if not steps["registered"]:
            st.markdown("Nobody registered in this range: choose a longer one.")
            return
        st.html(funnel(names))


def retention_panel(snapshot: Snapshot, default: str) -> None:
    """Cohorts by when they were first active, and who of them came back."""
    note = "Share of a cohort that was active again; only steps that are over"
    with components.panel("retention", "Who stays", note, has_tools=True) as panel:
        with panel.tools:
            step = filters.choice("cohort", "Cohorts by", COHORTS, default)
        data = growth.retention(snapshot, step).with_columns(pl.col("cohort").cast(pl.Datetime))
        if data.is_empty():
            st.markdown(f"No {step} is over yet: choose shorter ones.")
            return
        later = cast(float | None, data.filter(pl.col("age") > 0)["share"].max())
        height = 34 + 28 * data["cohort"].n_unique()
        spec = charts.cohorts(step, later or 1.0, height)
        components.chart(panel, data, spec, f"Share of each cohort still active, by {step}s since its first")


def paying_panel(snapshot: Snapshot, period: Period) -> None:
    """Who began to pay and who stopped, or the churn rate, over time."""
    step = "week" if 14 < period.days <= 120 else period.step
    note = f"Per {step}, of those who registered within the data. Above the line: began; below it: stopped."
    with components.panel("paying", "Paying and leaving", note, has_tools=True) as panel:
        with panel.tools:
            kind = filters.choice("paying", "Show", PAYING, "moves")
        data = growth.paying(snapshot, period, step)
        if not (data["came"].sum() or data["went"].sum()):
            st.markdown("Nobody began or stopped paying in this range.")
        elif kind == "moves":
            components.chart(panel, data, charts.came_and_went(270), f"Began and stopped paying per {step}")
        else:
            rates = data.rename({"start": "bucket"}).with_columns(name=pl.lit("Churn"))
            spec = charts.lines("name", "churn_rate", ["Churn"], "day", is_rate=True)
            components.chart(panel, rates, spec, f"Share of payers who stopped, per {step}")


def value_panel(snapshot: Snapshot) -> None:
    """What a user is worth in hours listened, by week of life."""
    data = growth.value(snapshot)
    note = "Hours listened per user up to each week of life, those who left included"
    with components.panel("value", "Lifetime value", note) as panel:
        if data.is_empty():
            st.markdown("No week of anybody's life is over yet.")
            return
        order = data["level"].unique(maintain_order=True).to_list()
        components.chart(panel, data, charts.growing(order, 270), "Hours per user by week of life and level")


def lifetimes_table(snapshot: Snapshot) -> None:
    """Lives by level."""
    data = growth.lifetimes(snapshot)
    components.table(
        "lifetimes",
        "Lives by level",
        data,
        {
            "level": st.column_config.TextColumn("Level"),
            "users": st.column_config.NumberColumn("Users", format="localized"),
            "active_share": st.column_config.ProgressColumn(
                "Still active", format="percent", min_value=0, max_value=1
            ),
            "days": st.column_config.NumberColumn("Median life (days)", format="%.0f"),
            "active_days": st.column_config.NumberColumn("Active days", format="%.1f"),
            "sessions": st.column_config.NumberColumn("Sessions", format="%.1f"),
            "streams": st.column_config.NumberColumn("Streams", format="%.0f"),
            "hours": st.column_config.NumberColumn("Hours", format="%.1f"),
            "skip_rate": st.column_config.NumberColumn("Skip rate", format="percent"),
        },
    )


snapshot = components.require_snapshot()
title, tools = head()
with title:
    components.page_header(snapshot, "Growth", "Who comes, stays, pays and goes")
span = growth.span(snapshot)
first, last = cast(date | None, span["first_date"]), cast(date | None, span["last_date"])
if first is None or last is None:
    components.empty("No user of this snapshot was ever active.", commands="backbeat refresh")
    st.stop()
with tools:
    period = filters.period(first, last)
before = period.prior() if period.prior().within(first, last) else None
components.kpi_row(key_figures(snapshot, period, before), f"vs prior {period.days} days")
left, right = st.columns([1, 1.5])
with left:
    funnel_panel(snapshot, period)
with right:
    days = (last - first).days + 1
    retention_panel(snapshot, "day" if days < 28 else "week" if days < 200 else "month")
left, right = st.columns([1.2, 1])
with left:
    paying_panel(snapshot, period)
with right:
    value_panel(snapshot)
lifetimes_table(snapshot)
