"""Audience: who follows and hears, where they are, and who opens the e-mails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import polars as pl
import streamlit as st

from streamlit_app import charts, components, filters, numbers
from streamlit_app.kpis import Kpi
from streamlit_app.periods import Period
from streamlit_app.platforms import PLATFORMS
from streamlit_app.queries import audience
from streamlit_app.snapshot import Snapshot

DAYS = {"30": "30 d", "90": "90 d", "180": "6 months", "365": "1 year"}
SHOWN = {"followers": "Followers", "listeners": "Listeners"}
MOST = 7  # lines that can be told apart
LISTENERS = "Of each store's day the fullest report; who listens on two stores is there twice."
FOLLOWERS = "At the end of the time, summed over platforms: who follows on two is there twice."

RATES = {"Opened": "openers", "Clicked": "clickers", "Left the list": "unsubscribes"}
MEANINGS = {
    "openers": "Of recipients. Mail programs open on their own.",
    "clickers": "Of recipients. Scanners of links click too.",
}


def key_figures(snapshot: Snapshot, period: Period) -> list[Kpi]:
    """How many follow, hear and read."""
    follow, mail = audience.followers_now(snapshot, period), audience.mailed(snapshot, period)
    before = audience.mailed(snapshot, period.prior())
    heard = audience.listeners_a_day(snapshot, period)
    prior = audience.listeners_a_day(snapshot, period.prior())
    return [
        amount(
            "Followers", follow["followers"], follow["prior"], f"{follow['platforms']} platforms", FOLLOWERS
        ),
        amount("Listeners a day", heard, prior, "on platforms", LISTENERS),
        amount("E-mail list", mail["list_size"], before["list_size"], "recipients of the newest e-mail"),
        *(rate(name, mail, before, part) for name, part in RATES.items()),
    ]


def amount(name: str, value: Any, prior: Any, note: str, meaning: str = "") -> Kpi:
    """How many."""
    if value is None:
        return Kpi(name, None, "–", note="no report tells it", meaning=meaning)
    exact = None if prior is None else float(prior)
    return Kpi(name, float(value), numbers.compact(float(value)), exact, note=note, meaning=meaning)


def rate(name: str, mail: Mapping[str, Any], before: Mapping[str, Any], part: str) -> Kpi:
    """How many of all recipients."""
    now, prior = (told[part] / told["recipients"] if told["recipients"] else None for told in (mail, before))
    note = f"{mail['campaigns']} e-mails" if now is not None else "no report tells it"
    is_good, meaning = part != "unsubscribes", MEANINGS.get(part, "")
    return Kpi(name, now, numbers.percent(now), prior, True, is_good, note=note, meaning=meaning)


def people(snapshot: Snapshot, period: Period) -> None:
    """Followers or listeners by platform."""
    with components.panel(
        "people", "By platform", "At the end of each day that a report tells", has_tools=True
    ) as panel:
        with panel.tools:
            kind = filters.choice("people", "Show", SHOWN, "followers")
        asked = audience.followers if kind == "followers" else audience.listeners
        data = asked(snapshot, period).with_columns(pl.col("platform").replace(PLATFORMS))
        if data.is_empty():
            st.markdown(f"No report tells {SHOWN[kind].lower()} of this time.")
            return
        largest = data.group_by("platform").agg(pl.col("people").max()).sort("people", descending=True)
        order = largest["platform"].to_list()[:MOST]
        shown = data.filter(pl.col("platform").is_in(order))
        spec = charts.lines("platform", "people", order, "day")
        components.chart(panel, shown, spec, f"{SHOWN[kind]} by platform", rows=data)


def letters(snapshot: Snapshot) -> None:
    """How the list grows, and how many of it open and click."""
    with components.panel("letters", "E-mails", "Every e-mail: who received, opened, clicked it") as panel:
        data = audience.letters(snapshot)
        if data.is_empty():
            st.markdown("No report of e-mail campaigns was brought yet, as Mailchimp has them.")
            return
        spec = charts.lines("name", "people", ["Received", "Opened", "Clicked"], "day")
        components.chart(panel, data, spec, "Recipients, openers and clickers of every e-mail")


def places(snapshot: Snapshot, period: Period) -> None:
    """Countries, as reports and the plays that landed here tell them; devices, as plays alone do."""
    left, right = st.columns([1.6, 1])
    with left:
        components.table(
            "audience_countries",
            "Countries",
            audience.countries(snapshot, period),
            {
                "country_name": st.column_config.TextColumn("Country", width=150),
                "streams": st.column_config.NumberColumn("Streams reported", format="localized"),
                "listeners": st.column_config.NumberColumn("Listeners a day", format="%.1f"),
                "own_streams": st.column_config.NumberColumn("Streams landed here", format="localized"),
                "own_listeners": st.column_config.NumberColumn("Listeners a day here", format="%.1f"),
            },
            rows=9,
        )
    with right:
        components.table(
            "audience_devices",
            "Devices",
            audience.devices(snapshot, period),
            {
                "device": st.column_config.TextColumn("Device", width=150),
                "plays": st.column_config.NumberColumn("Plays landed here", format="localized"),
                "share": st.column_config.ProgressColumn("Share", format="percent", min_value=0, max_value=1),
            },
            rows=9,
        )


snapshot = components.require_snapshot()
head, tools = st.columns([2.2, 1.3], vertical_alignment="bottom")
with head:
    components.heading(snapshot, "Audience", "Who follows and hears, where they are, who opens e-mails")
span = audience.span(snapshot)
if span["last_date"] is None:
    components.no_reports(
        "No report tells followers, listeners or e-mails yet: bring those of Spotify for Artists, TikTok, "
        "a podcast's host or Mailchimp."
    )
    st.stop()
with tools, st.container(horizontal=True, horizontal_alignment="right"):
    period = Period.ending(cast(date, span["last_date"]), int(filters.choice("days", "Range", DAYS, "90")))
components.kpi_row(key_figures(snapshot, period), f"vs prior {period.days} days")
st.caption(
    f"{numbers.span(period.first, period.last)}, as far as reports tell. None that is read tells cities or "
    "ages."
)
left, right = st.columns(2)
with left:
    people(snapshot, period)
with right:
    letters(snapshot)
places(snapshot, period)
