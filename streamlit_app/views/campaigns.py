"""Campaigns: what was spent and what it brought; e-mails; followers and views."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from streamlit_app import charts, components, filters, numbers, viewer
from streamlit_app.kpis import Kpi
from streamlit_app.platforms import PLATFORMS
from streamlit_app.queries import campaigns
from streamlit_app.snapshot import Snapshot

WINDOW = "First heard while a campaign ran or within a week after; who came without it counts too."
RETURN = "What the streams of the windows bring at the mean of all statements, per unit spent."
SHOWN = {"followers": "Followers", "views": "Views", "reactions": "Reactions"}


def ad_figures(now: Any, daily: pl.DataFrame) -> list[Kpi]:
    """What was spent, and what came of it."""
    currency = str(now["currency"] or "USD")
    spend = float(now["spend"] or 0)

    def money(name: str, value: float | None, note: str, meaning: str = "") -> Kpi:
        shown = "–" if value is None else numbers.money(value, currency)
        return Kpi(name, value, shown, note=note, meaning=meaning)

    def per(whole: Any) -> float | None:
        return spend / whole if whole else None

    back = float(now["earned"]) / spend if now["earned"] is not None and spend else None
    clicks, seen, new = (now[key] or 0 for key in ("clicks", "impressions", "new_listeners"))
    return [
        Kpi("Spent", spend, numbers.money(spend, currency), note=f"{now['campaigns']} campaigns",
            trend=[float(value or 0) for value in daily["spend"]]),
        Kpi("Clicks", clicks, numbers.compact(clicks), note=f"{numbers.compact(seen)} impressions",
            trend=daily["clicks"].fill_null(0).to_list()),
        money("Per click", per(clicks), "spend / clicks"),
        Kpi("New listeners", new, numbers.compact(new), note="in the windows", meaning=WINDOW),
        money("Per new listener", per(new), "spend / new listeners"),
        Kpi("Return", back, "–" if back is None else f"{numbers.tenth(back)} ×", is_rate=True,
            note="per unit spent", meaning=RETURN),
    ]  # fmt: skip


def advertising(snapshot: Snapshot) -> None:
    """Spending over time, what a new listener cost, and every campaign."""
    data = campaigns.advertised(snapshot)
    if data.is_empty():
        components.no_reports("No report of advertising was brought yet, as Meta Ads exports them.", "no_ads")
        return
    now, daily = campaigns.spending(snapshot), campaigns.daily_spend(snapshot)
    currency = str(now["currency"] or "USD")
    components.kpi_row(ad_figures(now, daily))
    left, right = st.columns([1.4, 1])
    with left, components.panel("spend", "Spent per day", f"In {currency}") as panel:
        spec = charts.columns_over_time("spend", f"Spent ({currency})", 250, has_years=daily.height > 300)
        components.chart(panel, daily, spec, "Spent per day")
    with right, components.panel("cost", "Cost per new listener", f"In {currency}, cheapest first") as panel:
        cheapest = data.drop_nulls("cost_per_new_listener").sort("cost_per_new_listener").head(8)
        if cheapest.is_empty():
            st.markdown("Nobody new was heard while a campaign ran: bring the plays of that time.")
        else:
            spec = charts.bars("campaign", "cost_per_new_listener", f"Cost ({currency})", form=",.2f")
            components.chart(panel, cheapest, spec | {"height": 250}, "Cost per new listener by campaign")
    components.table(
        "campaigns",
        "Advertising campaigns",
        data,
        {
            "campaign": st.column_config.TextColumn("Campaign", width=170),
            "first_date": st.column_config.DateColumn("From", format="D MMM YYYY", width=95),
            "last_date": st.column_config.DateColumn("To", format="D MMM YYYY", width=95),
            "spend_converted": st.column_config.NumberColumn(f"Spent ({currency})", format="%.2f"),
            "impressions": st.column_config.NumberColumn("Impressions", format="localized"),
            "clicks": st.column_config.NumberColumn("Clicks", format="localized"),
            "click_through_rate": st.column_config.NumberColumn("CTR", format="percent"),
            "cost_per_click": st.column_config.NumberColumn("Per click", format="%.2f"),
            "window_new_listeners": st.column_config.NumberColumn("New listeners", format="localized"),
            "cost_per_new_listener": st.column_config.NumberColumn("Per new listener", format="%.2f"),
            "return_amount": st.column_config.NumberColumn("Return", format="%.2f"),
            "return_on_spend": st.column_config.NumberColumn("× spent", format="%.2f"),
        },
        rows=8,
    )


def mail(snapshot: Snapshot) -> None:
    """E-mail campaigns with their rates."""
    data = campaigns.mailed(snapshot)
    if data.is_empty():
        components.no_reports(
            "No report of e-mail campaigns was brought yet, as Mailchimp has them.", "no_mail"
        )
        return

    def share(title: str) -> Any:
        return st.column_config.ProgressColumn(title, format="percent", min_value=0, max_value=1)

    components.table(
        "mail",
        "E-mail campaigns",
        data,
        {
            "subject_line": st.column_config.TextColumn("Subject", width=220),
            "sent_date": st.column_config.DateColumn("Sent", format="D MMM YYYY", width=95),
            "recipients": st.column_config.NumberColumn("Recipients", format="localized"),
            "open_rate": share("Opened"),
            "click_rate": share("Clicked"),
            "bounces": st.column_config.NumberColumn("Bounced", format="localized"),
            "unsubscribes": st.column_config.NumberColumn("Left", format="localized"),
        },
        rows=8,
    )


def social(snapshot: Snapshot) -> None:
    """Followers, views or reactions by platform, and the videos most viewed."""
    data = campaigns.followed(snapshot)
    if data.is_empty():
        components.no_reports("No report of TikTok, YouTube or Linktree was brought yet.", "no_social")
        return
    left, right = st.columns([1.3, 1])
    with (
        left,
        components.panel("social", "Followers and views", "Per day and platform", has_tools=True) as panel,
    ):
        with panel.tools:
            kind = filters.choice("social", "Show", SHOWN, "followers")
        named = data.with_columns(pl.col("platform").replace(PLATFORMS)).drop_nulls(kind)
        order = (
            named.group_by("platform")
            .agg(pl.col(kind).max())
            .sort(kind, descending=True)["platform"]
            .to_list()[:7]
        )
        if not order:
            st.markdown(f"No report tells {SHOWN[kind].lower()}.")
        else:
            shown = named.filter(pl.col("platform").is_in(order))
            components.chart(
                panel, shown, charts.lines("platform", kind, order, "day"), f"{SHOWN[kind]} per day"
            )
    with right:
        components.table(
            "watched",
            "Most viewed",
            campaigns.watched(snapshot).with_columns(pl.col("platform").replace(PLATFORMS)),
            {
                "name": st.column_config.TextColumn("Video or show", width=170),
                "platform": st.column_config.TextColumn("On", width=80),
                "views": st.column_config.NumberColumn("Views", format="localized", width=75),
                "likes": st.column_config.NumberColumn("Likes", format="localized", width=65),
                "comments": st.column_config.NumberColumn("Comments", format="localized", width=80),
                "shares": st.column_config.NumberColumn("Shares", format="localized", width=65),
            },
            rows=9,
        )


snapshot = components.require_snapshot()
components.heading(snapshot, "Campaigns", "What advertising cost and brought, e-mails, followers and views")
if viewer.sees_money():
    advertising(snapshot)
mail(snapshot)
social(snapshot)
