"""Your listening: one person's plays, favourites, rhythm and sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, cast

import polars as pl
import streamlit as st

from streamlit_app import charts, components, filters, numbers
from streamlit_app.kpis import Kpi
from streamlit_app.periods import Period
from streamlit_app.queries import users
from streamlit_app.snapshot import Snapshot

RANGES = {"30": "30 days", "90": "90 days", "365": "A year", "all": "Everything"}
ORDERS = {"plays": "By plays", "hours": "By hours"}


def key_figures(now: Any, before: Any) -> list[Kpi]:
    """The person's figures; `before` is None when nothing older is there.

    Scrobbles say neither how long a play was nor whether it was skipped: then both are unknown, not zero.
    """
    is_timed = now["ms_played"] is not None
    untimed = "" if is_timed else "not in this source"

    def figure(name: str, key: str) -> Kpi:
        return Kpi(
            name, now[key], numbers.compact(now[key]), before[key] if before else None, rising_is_good=None
        )

    def rate(part: Any) -> float:
        return numbers.ratio(part["skips"], part["plays"])

    def hours(part: Any) -> float | None:
        return None if part["ms_played"] is None else part["ms_played"] / numbers.MS_PER_HOUR

    listened = Kpi("Hours", hours(now), numbers.hours(now["ms_played"]), note=untimed, rising_is_good=None)
    skip_rate = rate(now) if is_timed else None
    skipped = Kpi("Skip rate", skip_rate, numbers.percent(skip_rate), None, True, None, note=untimed)
    return [
        figure("Plays", "plays"),
        replace(listened, prior=hours(before) if before else None),
        figure("Tracks", "tracks"),
        figure("Artists", "artists"),
        replace(skipped, prior=rate(before) if before and is_timed else None),
    ]  # fmt: skip


def about(profile: Any) -> str:
    """One line of who this is."""
    parts = [filters.source_name(profile["source"]), profile["country_name"], profile["level"]]
    if profile["top_artist_name"]:
        parts.append(f"favourite artist **{profile['top_artist_name']}**")
    if profile["discovery_rate"] is not None:
        parts.append(f"{numbers.percent(profile['discovery_rate'])} of plays were first listens")
    return " · ".join(str(part) for part in parts if part)


def artists_panel(data: pl.DataFrame) -> None:
    """Ten artists, by plays or by time."""
    with components.panel("artists", "Top artists") as panel:
        with panel.tools:
            is_timed = data["hours"].count() > 0
            order = filters.choice("by", "By", ORDERS, "plays") if is_timed else "plays"
        top = data.sort(order, descending=True, nulls_last=True, maintain_order=True).head(10)
        form = "," if order == "plays" else ",.1f"
        spec = charts.bars("artist_name", order, order.title(), form=form)
        components.chart(panel, top, spec, f"Top artists by {order}")


def favourites(snapshot: Snapshot, user_id: str, period: Period) -> None:
    """Artists, rhythm and days; then the tracks."""
    left, right = st.columns([1, 1.25])
    with left:
        artists_panel(users.top_artists(snapshot, user_id, period))
    with right:
        with components.panel("rhythm", "When", "Plays by weekday and hour (UTC)") as panel:
            rhythm = users.rhythm(snapshot, user_id, period)
            components.chart(panel, rhythm, charts.heat_map(135), "Plays by weekday and hour")
        title = f"Plays per {period.step}"
        with components.panel("days", title) as panel:
            data = users.over_time(snapshot, user_id, period, period.step)
            spec = charts.columns_over_time("plays", "Plays", 104, has_years=period.days > 365)
            components.chart(panel, data, spec, title)
    data = users.top_tracks(snapshot, user_id, period)
    components.table(
        "your_tracks",
        "Top tracks",
        data,
        {
            "track_title": st.column_config.TextColumn("Track"),
            "artist_name": st.column_config.TextColumn("Artist"),
            "plays": st.column_config.ProgressColumn(
                "Plays", format="localized", min_value=0, max_value=int(data["plays"].to_list()[0])
            ),
            "hours": st.column_config.NumberColumn("Hours", format="%.1f"),
            "skips": st.column_config.NumberColumn("Skips", format="localized"),
        },
        rows=9,
    )


def history(snapshot: Snapshot, user_id: str) -> None:
    """The latest plays and sessions."""
    left, right = st.columns([1.35, 1])
    with left:
        components.table(
            "recent_plays",
            "Recent plays",
            users.recent_plays(snapshot, user_id),
            {
                "ended_at": st.column_config.DatetimeColumn("Ended (UTC)", format="D MMM YYYY, HH:mm"),
                "track_title": st.column_config.TextColumn("Track", width=170),
                "artist_name": st.column_config.TextColumn("Artist", width=120),
                "seconds": st.column_config.NumberColumn("Seconds", format="%d"),
                "is_skipped": st.column_config.CheckboxColumn("Skipped"),
            },
            rows=9,
        )
    with right:
        components.table(
            "sessions",
            "Sessions",
            users.sessions(snapshot, user_id),
            {
                "started_at": st.column_config.DatetimeColumn("Started (UTC)", format="D MMM YYYY, HH:mm"),
                "minutes": st.column_config.NumberColumn("Minutes", format="%.0f"),
                "plays": st.column_config.NumberColumn("Plays", format="localized"),
                "skips": st.column_config.NumberColumn("Skips", format="localized"),
                "device": st.column_config.TextColumn("Device"),
            },
            rows=9,
        )


def chosen_period(first: date, last: date) -> Period:
    """A range that ends with the person's last play (`?range=`)."""
    chosen = filters.choice("range", "Range", RANGES, "all")
    return Period(first, last) if chosen == "all" else Period.ending(last, int(chosen))


snapshot = components.require_snapshot()
components.page_header(snapshot, "Your listening", "One listener at a time")
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
period = chosen_period(first, last)
before = users.totals(snapshot, user_id, period.prior()) if first <= period.prior().first else None
against = f"vs prior {period.days} days"
components.kpi_row(key_figures(users.totals(snapshot, user_id, period), before), against)
favourites(snapshot, user_id, period)
history(snapshot, user_id)
