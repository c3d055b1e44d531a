"""Filters whose values live in the URL, so that a view can be sent to somebody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import streamlit as st

from streamlit_app import viewer
from streamlit_app.periods import CHOICES, Period, default_days
from streamlit_app.queries import tracks, users
from streamlit_app.queries.listening import GLOBAL
from streamlit_app.snapshot import Snapshot

_SOURCES = {
    "import.apple_music": "Apple Music export",
    "import.lastfm": "Last.fm export",
    "import.lastfm_minutes": "Last.fm export (to the minute)",
    "import.librefm": "Libre.fm export",
    "import.listenbrainz": "ListenBrainz export",
    "import.maloja": "Maloja export",
    "import.panoscrobbler": "PanoScrobbler export",
    "import.scrobbler_log": "player's scrobbler log",
    "import.spotify": "Spotify export",
    "import.spotify_account": "Spotify account data",
    "import.youtube_music": "YouTube Music export",
    "import.podcast": "podcast log",
    "simulator": "simulated",
    "collector": "collected",
}


def period(first: date, last: date) -> Period:
    """The last N days of the data (`?days=`)."""
    chosen = choice(
        "days",
        "Range",
        {str(days): f"{days} d" if days < 365 else "1 year" for days in CHOICES},
        str(default_days(first, last)),
    )
    return Period.ending(last, int(chosen))


def choice(name: str, label: str, options: dict[str, str], default: str) -> str:
    """One of a few: `options` are value → shown."""
    key = f"filter_{name}_{len(options)}"  # another set of options is another widget: no stale choice
    asked = st.query_params.get(name, st.session_state.get(f"kept_{name}", default))
    chosen = st.segmented_control(
        label,
        list(options),
        default=asked if asked in options else default,
        required=True,
        format_func=lambda value: options.get(value, value),
        key=key,
        label_visibility="collapsed",
    )
    return kept(name, chosen or default, default)


def selection(
    name: str,
    label: str,
    options: dict[str, str],
    default: str | None = None,
    *,
    beyond: Callable[[str], str | None] | None = None,
) -> str | None:
    """One of many, searchable: `options` are value → shown; None when there are none.

    With `beyond` others may be typed: it says which value that is, None for none. A browser takes as long for
    two thousand options as for a whole page, so that what has many offers some of them.
    """
    values = list(options)
    if not values:
        return None
    fallback = default if default in options else values[0]
    asked = st.query_params.get(name, st.session_state.get(f"kept_{name}", fallback))
    chosen = st.selectbox(
        f"{label}, or type another" if beyond else label,
        values,
        index=values.index(asked if asked in options else fallback),
        format_func=lambda value: options.get(value, value),
        key=f"filter_{name}",
        accept_new_options=beyond is not None,
    )
    found = beyond(chosen) if chosen and beyond and chosen not in options else chosen
    if chosen and not found:
        st.caption(f"There is no {label.lower()} “{chosen}”: this is {options[fallback]}.")
    return kept(name, found or fallback, fallback)


def flag(name: str, label: str, *, is_possible: bool = True) -> bool:
    """Yes or no (`?name=yes`); where it is not possible, it is shown and cannot be chosen."""
    is_asked = st.query_params.get(name, st.session_state.get(f"kept_{name}")) == "yes"
    help_text = None if is_possible else "The data do not reach back that far."
    is_on = st.toggle(label, is_asked, key=f"filter_{name}", disabled=not is_possible, help=help_text)
    return kept(name, "yes" if is_on else "no", "no") == "yes"


def kept(name: str, chosen: str, default: str) -> str:
    """Into the URL unless it is the default, and into the session, which outlives a change of page."""
    st.session_state[f"kept_{name}"] = chosen
    if chosen != default:
        st.query_params[name] = chosen
    elif name in st.query_params:
        del st.query_params[name]
    return chosen


def region(options: pl.DataFrame) -> str | None:
    """A region of a frame of region, name (`?region=`)."""
    return selection("region", "Region", dict(options.select("region", "name").iter_rows()))


def country(names: dict[str, str]) -> str | None:
    """A country (`?region=`, as on the other pages), or None for all of them. `names`: country → its name."""
    chosen = selection("region", "Region", {GLOBAL: "All countries", **names})
    return None if chosen == GLOBAL else chosen


def listener(snapshot: Snapshot) -> str | None:
    """A listener (`?user=`), those who brought their own history first; who may see one has no choice."""
    looking = viewer.current()
    if looking is None or not looking.sees_everybody:
        return looking.user_id if looking else None
    rows = users.choices(snapshot).iter_rows(named=True)
    names = {
        row["user_id"]: f"{row['user_id']} · {source_name(row['source'])} · {row['plays']:,} plays"
        for row in rows
    }

    def known(user_id: str) -> str | None:
        return user_id if users.profile(snapshot, user_id) else None

    return selection("user", "Listener", names | _asked("user", names, known), beyond=known)


def track(snapshot: Snapshot) -> str | None:
    """A track that has similar ones (`?track=`)."""
    names = dict(tracks.comparable(snapshot).iter_rows())

    def known(words: str) -> str | None:
        found = tracks.comparable(snapshot, words, 1)
        return str(found["track_key"][0]) if found.height else None

    return selection("track", "Track", names | _asked("track", names, known), beyond=known)


def _asked(name: str, names: dict[str, str], known: Callable[[str], str | None]) -> dict[str, str]:
    """What the URL asks for beyond the listed ones, if it is real."""
    asked = st.query_params.get(name)
    return {asked: asked} if asked and asked not in names and known(asked) == asked else {}


def source_name(source: str | None) -> str:
    """`import.lastfm` → Last.fm export."""
    return _SOURCES.get(source or "", source or "unknown source")
