"""Your listening: one person's plays, favourites, rhythm, discoveries, sessions and year; their import."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import polars as pl
import streamlit as st

from streamlit_app import browser, charts, components, filters, listens, numbers, review, upload
from streamlit_app.kpis import Kpi
from streamlit_app.periods import Period
from streamlit_app.queries import habits, users
from streamlit_app.snapshot import Snapshot

RANGES = {"30": "30 days", "90": "90 days", "365": "A year", "all": "Everything"}
ORDERS = {"plays": "By plays", "hours": "By hours"}


def key_figures(now: Any, before: Any, trends: pl.DataFrame) -> list[Kpi]:
    """The person's figures; `before` is None when nothing older is there.

    Scrobbles say neither how long a play was nor whether it was skipped: then both are unknown, not zero.
    """
    is_timed = now["ms_played"] is not None
    untimed = "" if is_timed else "not in this source"

    def figure(name: str, key: str, trend: str = "") -> Kpi:
        prior = before[key] if before else None
        line = trends[trend].to_list() if trend else ()
        return Kpi(name, now[key], numbers.compact(now[key]), prior, rising_is_good=None, trend=line)

    def rate(part: Any) -> float:
        return numbers.ratio(part["skips"], part["plays"])

    def hours(part: Any) -> float | None:
        return None if part is None or part["ms_played"] is None else part["ms_played"] / numbers.MS_PER_HOUR

    skip_rate = rate(now) if is_timed else None
    return [
        figure("Plays", "plays", "plays"),
        Kpi("Hours", hours(now), numbers.hours(now["ms_played"]), hours(before), rising_is_good=None,
            note=untimed, trend=trends["hours"].to_list() if is_timed else ()),
        figure("Tracks", "tracks"),
        figure("Artists", "artists"),
        Kpi("Skip rate", skip_rate, numbers.percent(skip_rate), rate(before) if before and is_timed else None,
            True, None, note=untimed, trend=trends["skip_rate"].to_list() if is_timed else ()),
    ]  # fmt: skip


def habit_figures(
    snapshot: Snapshot, user_id: str, period: Period, newest: date, trends: pl.DataFrame
) -> list[Kpi]:
    """What is new to them, how steadily they listen, how long at a time."""
    found: Any = habits.discoveries(snapshot, user_id, period)
    sessions: Any = habits.sessions(snapshot, user_id, period)
    runs = habits.streaks(snapshot, user_id, period).to_dicts()
    # The newest day of anybody is not over: who listened the day before may still go on.
    current = next((run for run in runs if run["last_date"] >= newest - timedelta(days=1)), None)
    share = numbers.ratio(found["new_tracks"], float(trends["plays"].sum()))
    longest = runs[0] if runs else None
    when = numbers.span(longest["first_date"], longest["last_date"]) if longest else ""
    now, most = (run["days"] if run else 0 for run in (current, longest))
    return [
        Kpi("Discovery rate", share, numbers.percent(share), note=f"{found['new_tracks']:,} first listens",
            trend=trends["discovery_rate"].to_list()),
        Kpi("New artists", found["new_artists"], numbers.compact(found["new_artists"]),
            note="never heard before"),
        Kpi("Current streak", now, days(now), note="with a play on each"),
        Kpi("Longest streak", most, days(most), note=when),
        Kpi("Sessions", sessions["sessions"], numbers.compact(sessions["sessions"]),
            note=f"{sessions['minutes'] or 0:.0f} min at the median, {sessions['longest'] or 0:.0f} at most"),
    ]  # fmt: skip


def days(count: int) -> str:
    """1 day, 13 days."""
    return f"{count:,} day{'' if count == 1 else 's'}"


def about(profile: Any) -> str:
    """One line of who this is."""
    parts = [filters.source_name(profile["source"]), profile["country_name"], profile["level"]]
    if profile["top_artist_name"]:
        parts.append(f"favourite artist **{profile['top_artist_name']}**")
    return " · ".join(str(part) for part in parts if part)


def favourites(snapshot: Snapshot, user_id: str, period: Period) -> None:
    """Artists and tracks by plays or by time, rhythm and days."""
    left, right = st.columns([1, 1.25])
    with left, components.panel("artists", "Top artists", has_tools=True) as panel:
        data = users.top_artists(snapshot, user_id, period)
        with panel.tools:
            is_timed = data["hours"].count() > 0
            order = filters.choice("by", "By", ORDERS, "plays") if is_timed else "plays"
        top = data.sort(order, descending=True, nulls_last=True, maintain_order=True).head(10)
        form = "," if order == "plays" else ",.1f"
        spec = charts.bars("artist_name", order, order.title(), form=form)
        components.chart(panel, top, spec, f"Top artists by {order}")
    with right:
        zone = str(browser.zone())
        with components.panel(
            "rhythm", "When", f"Plays by weekday and hour ({browser.zone_name()})"
        ) as panel:
            rhythm = users.rhythm(snapshot, user_id, period, zone)
            components.chart(panel, rhythm, charts.heat_map(135), "Plays by weekday and hour")
        title = f"Plays per {period.step}"
        with components.panel("days", title) as panel:
            data = users.over_time(snapshot, user_id, period, period.step)
            spec = charts.columns_over_time("plays", "Plays", 104, has_years=period.days > 365)
            components.chart(panel, data, spec, title)
    data = users.top_tracks(snapshot, user_id, period, order)
    components.table(
        "your_tracks",
        f"Top tracks {ORDERS[order].lower()}",
        data,
        {
            "track_title": st.column_config.TextColumn("Track"),
            "artist_name": st.column_config.TextColumn("Artist"),
            "plays": st.column_config.ProgressColumn(
                "Plays", format="localized", min_value=0, max_value=int(max(data["plays"].to_list()))
            ),
            "hours": st.column_config.NumberColumn("Hours", format="%.1f"),
            "skips": st.column_config.NumberColumn("Skips", format="localized"),
        },
        rows=9,
    )


def chosen_period(first: date, last: date) -> Period:
    """A range that ends with the person's last play (`?range=`)."""
    chosen = filters.choice("range", "Range", RANGES, "all")
    return Period(first, last) if chosen == "all" else Period.ending(last, int(chosen))


head, bring = st.container(), st.container()
with bring:  # first: where nothing is published yet, the header ends the page
    upload.section()
with head:
    snapshot = components.require_snapshot()
    _, newest = components.page_header(snapshot, "Your listening", "One listener at a time")
pick, tools = st.columns([1.5, 1], vertical_alignment="bottom")
with pick:
    user_id = filters.listener(snapshot)
profile = users.profile(snapshot, user_id) if user_id else {}
first, last = cast(date | None, profile.get("first_date")), cast(date | None, profile.get("last_date"))
if not user_id or not profile:
    components.empty(
        "No listener in this snapshot. Bring your own history:", commands="backbeat import PATH/TO/EXPORT"
    )
    st.stop()
st.markdown(about(profile))
if first is None or last is None:
    components.empty(f"{user_id} has not played anything yet.")
    st.stop()
with tools, st.container(horizontal=True, horizontal_alignment="right"):
    period = chosen_period(first, last)
totals: Any = users.totals(snapshot, user_id, period)
before = users.totals(snapshot, user_id, period.prior()) if first <= period.prior().first else None
trends = habits.trends(snapshot, user_id, period, period.step)
components.kpi_row(key_figures(totals, before, trends), f"vs prior {period.days} days")
components.kpi_row(habit_figures(snapshot, user_id, period, newest, trends))
favourites(snapshot, user_id, period)
left, right = st.columns([1.5, 1])
with left:
    listens.first_ones(snapshot, user_id, period)
    listens.recent(snapshot, user_id)
with right:
    review.section(snapshot, user_id)
    listens.sessions(snapshot, user_id)
