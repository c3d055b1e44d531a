"""Royalties: what was earned where and with what, down to the statement's line; and what should have been."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, cast

import polars as pl
import streamlit as st

from streamlit_app import charts, components, filters, numbers, statements
from streamlit_app.head import head
from streamlit_app.kpis import Kpi
from streamlit_app.queries import royalties
from streamlit_app.queries.royalties import Share
from streamlit_app.snapshot import Snapshot

MONTHS = {"3": "3 months", "12": "1 year", "36": "3 years", "all": "All"}
BY = {"earned": "Earned", "paid": "Paid"}
ALL = "all"


def months_of(span: Any, chosen: str, by: str) -> Share:
    """The last months of the statements."""
    first, last = cast(date, span["first_month"]), cast(date, span["last_month"])
    if chosen != "all":
        whole = last.year * 12 + last.month - int(chosen)
        first = max(first, date(whole // 12, whole % 12 + 1, 1))
    return Share(first, last, by)


def chosen_lines(snapshot: Snapshot, share: Share) -> Share:
    """One store, country and release, or all."""

    def one_of(of: str, every: str) -> str:
        keys = royalties.earners(snapshot, share, of).select("key", "name").iter_rows()
        return filters.selection(of, of.title(), {ALL: every} | dict(keys)) or ALL

    stores, countries, releases = st.columns(3)
    with stores:
        share = replace(share, store=one_of("store", "All stores"))
    with countries:
        share = replace(share, country=one_of("country", "All countries"))
    with releases:
        return replace(share, release=one_of("release", "All releases"))


def key_figures(now: Any, compared: pl.DataFrame, trend: list[float], currency: str) -> list[Kpi]:
    """What was earned, and what is wrong with it."""
    owed = compared.filter(pl.col("finding").is_in(statements.OWED))["missing_amount"].sum() or 0
    per_mille = 1000 * float(now["net"]) / now["units"] if now["units"] else None
    gross = now["gross"]

    def money(name: str, value: Any, note: str, meaning: str, series: list[float] | None = None) -> Kpi:
        shown = "–" if value is None else numbers.money(value, currency)
        exact = None if value is None else float(value)
        return Kpi(name, exact, shown, note=note, meaning=meaning, trend=series or ())

    return [
        money("Net", now["net"], f"{numbers.compact(now['lines'])} statement lines",
              "What statements paid the artist, less refunds. Other currencies at the rate of their month.",
              trend),
        money("Gross", gross, "before fees", "Statements without an amount before fees add nothing."),
        Kpi("Units", now["units"], numbers.compact(now["units"]), note="streams and sales"),
        money("Per 1000 units", per_mille, "net", "A sold copy weighs as much as a stream."),
        money("Missing", owed, "not paid, or too little",
              "Reported streams × the usual rate, less what was paid, where nothing came or less than half. "
              "Of all countries and releases."),
        money("Paid twice", now["doubled"], "an earlier statement has it",
              "The same amount for the same listening in two statements."),
    ]  # fmt: skip


def earned(snapshot: Snapshot, share: Share, months: pl.DataFrame, currency: str) -> None:
    """By month and store, by country, by release."""
    note = f"Net, in {currency}; by the month in which it was {share.by}"
    with components.panel("by_month", "Earnings by platform", note) as panel:
        order = months.select("store_name", "place").unique().sort("place")["store_name"].to_list()
        spec = charts.stacked_months("store_name", "net", order, f"Net ({currency})", 290)
        components.chart(panel, months, spec, "Net earnings by month and store")
    for place, (of, title) in zip(
        st.columns(3),
        {"store": "By platform", "country": "By country", "release": "By release"}.items(),
        strict=True,
    ):
        rows = royalties.earners(snapshot, share, of)
        most = float(max(rows["net"].drop_nulls().to_list(), default=1)) or 1
        net = st.column_config.ProgressColumn(f"Net ({currency})", format="%.2f", max_value=most)
        with place:
            named = {"name": st.column_config.TextColumn(title.removeprefix("By ").title(), width=150)}
            components.table(f"by_{of}", title, rows, {**named, "net": net}, rows=6)


snapshot = components.require_snapshot()
title, tools = head()
with title:
    components.heading(snapshot, "Royalties", "What was earned, and what should have been")
with tools:
    by = filters.choice("by", "By month", BY, "earned")
    chosen = filters.choice("months", "Months", MONTHS, "12")
span = royalties.span(snapshot, by)
if span["first_month"] is None:
    components.no_reports(
        "No royalty statement was brought yet: DistroKid, TuneCore, Bandcamp, a label's and more."
    )
    statements.unmatched(snapshot)
    st.stop()
currency = str(span["currency"] or "USD")
share = chosen_lines(snapshot, months_of(span, chosen, by))
months = royalties.by_month(snapshot, share)
compared = royalties.reconciliation(snapshot, share)
totals = royalties.totals(snapshot, share)
trend = [float(net) for net in months.group_by("month").agg(pl.col("net").sum()).sort("month")["net"]]
components.kpi_row(key_figures(totals, compared, trend, currency))
if totals["lines_without_rate"]:
    st.caption(
        f"Lines in a currency without a rate (seeds/exchange_rates.csv), which no sum has: "
        f"{totals['lines_without_rate']}"
    )
earned(snapshot, share, months, currency)
statements.lines(snapshot, share, currency)
statements.reconciled(compared, currency)
statements.unmatched(snapshot)
