"""A closer look at one track, artist, episode or listener, as the body of a page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import streamlit as st

from streamlit_app import browser, charts, components, numbers
from streamlit_app.kpis import Kpi
from streamlit_app.links import link, plain, row
from streamlit_app.periods import Period
from streamlit_app.queries import catalogue, habits, reach, users
from streamlit_app.snapshot import Snapshot


def section(snapshot: Snapshot, kind: str, key: str) -> None:
    """What is known of it; a calm word where nothing is."""
    known = {"track": _track, "artist": _artist, "episode": _episode, "user": _user}[kind](snapshot, key)
    if not known:
        components.empty(
            f"This snapshot knows no {kind} {plain(key)}. The search above may find what you mean."
        )


def _track(snapshot: Snapshot, key: str) -> bool:
    found: Any = catalogue.track(snapshot, key)
    if not found:
        return False
    length = (
        f"{found['duration_ms'] // 60_000}:{found['duration_ms'] // 1000 % 60:02}"
        if found["duration_ms"]
        else None
    )
    parts = [found["album_title"], length, found["isrc"], _between(found)]
    _title(found["track_title"], parts)
    with st.container(horizontal=True):
        link("catalogue", found["artist_name"], {"artist": found["artist_key"]}, ":material/artist:")
        link("recommendations", "Similar tracks", {"track": key}, ":material/auto_awesome:")
    skipped = numbers.ratio(found["skips"] or 0, found["plays"] or 0)
    components.kpi_row([
        *_played(found),
        Kpi("Skip rate", skipped, numbers.percent(skipped), is_rate=True),
        Kpi("Best place", found["best_rank"], f"#{found['best_rank']}" if found["best_rank"] else "–",
            note=f"{found['charted']} days in the top ten" if found["charted"] else "never in the top ten"),
    ])  # fmt: skip
    _when_and_where(snapshot, "track", key)
    return True


def _artist(snapshot: Snapshot, key: str) -> bool:
    found: Any = catalogue.artist(snapshot, key)
    if not found:
        return False
    _title(found["artist_name"], [f"{found['tracks']:,} tracks", _between(found)])
    place = found["best_rank"]
    components.kpi_row(
        [*_played(found), Kpi("Best place", place, f"#{place}" if place else "–", note="of a day")]
    )
    _when_and_where(snapshot, "artist", key)
    with components.panel("tracks_of", "Tracks") as panel:
        tracks = catalogue.tracks_of(snapshot, key)
        components.csv_button(panel, tracks)
        for track in tracks.iter_rows(named=True):
            row("tracks", "track", track, {})
    return True


def _episode(snapshot: Snapshot, key: str) -> bool:
    found: Any = catalogue.episode(snapshot, key)
    if not found:
        return False
    minutes = f"{found['duration_ms'] / 60_000:.0f} min" if found["duration_ms"] else None
    released = f"released {numbers.day(found['released_on'])}" if found["released_on"] else None
    _title(found["episode_title"] or key, [found["podcast_title"], minutes, released])
    finished = numbers.ratio(found["completes"] or 0, found["plays"] or 0)
    components.kpi_row([
        Kpi("Plays", found["plays"] or 0, numbers.compact(found["plays"] or 0)),
        Kpi("Listeners", found["listeners"], numbers.compact(found["listeners"])),
        Kpi("Hours", (found["listened_ms"] or 0) / numbers.MS_PER_HOUR, numbers.hours(found["listened_ms"])),
        Kpi("Completed", found["completes"] or 0, numbers.compact(found["completes"] or 0),
            note=f"{numbers.percent(finished)} of plays"),
        Kpi("Listen-through", found["listen_through_rate"], numbers.percent(found["listen_through_rate"]),
            is_rate=True, note="uncapped, per listen"),
    ])  # fmt: skip
    _over_time(snapshot, "episode", key)
    return True


def _user(snapshot: Snapshot, key: str) -> bool:
    found: Any = users.profile(snapshot, key)
    if not found:
        return False
    _title(key, [found["source"], found["country_name"], found["level"]])
    with st.container(horizontal=True):
        link("your_listening", "All of their listening", {"user": key}, ":material/headphones:")
        link("recommendations", "Recommendations", {"user": key}, ":material/auto_awesome:")
    if found["first_date"] is None:
        st.markdown("They have not played anything yet.")
        return True
    period = Period(found["first_date"], found["last_date"])
    totals: Any = users.totals(snapshot, key, period)
    sessions: Any = habits.sessions(snapshot, key, period)
    components.kpi_row([
        *(Kpi(of.title(), totals[of], numbers.compact(totals[of])) for of in ("plays", "tracks", "artists")),
        Kpi("Hours", None if totals["ms_played"] is None else totals["ms_played"] / numbers.MS_PER_HOUR,
            numbers.hours(totals["ms_played"])),
        Kpi("Sessions", sessions["sessions"], numbers.compact(sessions["sessions"]),
            note=numbers.span(period.first, period.last)),
    ])  # fmt: skip
    with components.panel("over_time", f"Plays per {period.step}") as panel:
        data = users.over_time(snapshot, key, period, period.step)
        spec = charts.columns_over_time("plays", "Plays", 220, has_years=period.days > 365)
        components.chart(panel, data, spec, f"Plays per {period.step}")
    return True


def _title(name: str, parts: list[str | None]) -> None:
    st.header(plain(name), anchor=False)
    st.caption(plain(" · ".join(part for part in parts if part)))


def _between(found: Any) -> str | None:
    """First and last play, by the viewer's clock."""
    first, last = found["first_played_at"], found["last_played_at"]
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    return f"played {numbers.span(_day(first), _day(last))}"


def _day(moment: datetime) -> date:
    return browser.local(moment).date()


def _played(found: Any) -> list[Kpi]:
    plays, streams, listeners = found["plays"] or 0, found["streams"] or 0, found["listeners"] or 0
    return [
        Kpi("Plays", plays, numbers.compact(plays)),
        Kpi("Streams", streams, numbers.compact(streams)),
        Kpi("Listeners", listeners, numbers.compact(listeners)),
        Kpi("Hours", (found["ms_played"] or 0) / numbers.MS_PER_HOUR, numbers.hours(found["ms_played"])),
    ]


def _when_and_where(snapshot: Snapshot, kind: str, key: str) -> None:
    left, right = st.columns([1.6, 1])
    with left:
        _over_time(snapshot, kind, key)
    with right:
        _countries(snapshot, kind, key)


def _over_time(snapshot: Snapshot, kind: str, key: str) -> None:
    data = catalogue.daily(snapshot, kind, key)
    with components.panel("over_time", "Plays over time") as panel:
        if data.is_empty():
            st.markdown("Not played yet.")
            return
        has_years = data["start"].to_list()[-1] - data["start"].to_list()[0] > timedelta(days=365)
        spec = charts.columns_over_time("plays", "Plays", 260, has_years=has_years)
        components.chart(panel, data, spec, "Plays over time")


def _countries(snapshot: Snapshot, kind: str, key: str) -> None:
    data = reach.countries(snapshot, kind, key)
    most = max([1, *data["plays"].to_list()])
    components.table(
        "countries_of",
        "Where",
        data,
        {
            "country_name": st.column_config.TextColumn("Country"),
            "plays": st.column_config.ProgressColumn(
                "Plays", format="localized", min_value=0, max_value=most
            ),
            "listeners": st.column_config.NumberColumn("Listeners", format="localized"),
        },
        rows=8,
    )
