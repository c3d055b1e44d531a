"""One listener's first listens, latest plays and sessions, as parts of a page."""

from __future__ import annotations

import streamlit as st

from streamlit_app import browser, components
from streamlit_app.periods import Period
from streamlit_app.queries import habits, users
from streamlit_app.snapshot import Snapshot

_MOMENT = "D MMM YYYY, HH:mm"


def first_ones(snapshot: Snapshot, user_id: str, period: Period) -> None:
    """The artists heard for the first time within the period, and with which track."""
    components.table(
        "first_listens",
        "First listens",
        browser.clock(habits.first_listens(snapshot, user_id, period), "first_at"),
        {
            "first_at": st.column_config.DatetimeColumn(_titled("First heard"), format=_MOMENT, width=135),
            "artist_name": st.column_config.TextColumn("Artist", width=140),
            "track_title": st.column_config.TextColumn("With", width=170),
            "plays": st.column_config.NumberColumn("Plays since", format="localized", width=80),
            "tracks": st.column_config.NumberColumn("Tracks", format="localized", width=60),
        },
        rows=8,
    )


def recent(snapshot: Snapshot, user_id: str) -> None:
    """The latest plays."""
    components.table(
        "recent_plays",
        "Recent plays",
        browser.clock(users.recent_plays(snapshot, user_id), "ended_at"),
        {
            "ended_at": st.column_config.DatetimeColumn(_titled("Ended"), format=_MOMENT, width=135),
            "track_title": st.column_config.TextColumn("Track", width=170),
            "artist_name": st.column_config.TextColumn("Artist", width=120),
            "seconds": st.column_config.NumberColumn("Seconds", format="%d", width=70),
            "is_skipped": st.column_config.CheckboxColumn("Skipped", width=65),
        },
        rows=8,
    )


def sessions(snapshot: Snapshot, user_id: str) -> None:
    """The latest sessions."""
    components.table(
        "sessions",
        "Sessions",
        browser.clock(users.sessions(snapshot, user_id), "started_at"),
        {
            "started_at": st.column_config.DatetimeColumn(_titled("Started"), format=_MOMENT, width=135),
            "minutes": st.column_config.NumberColumn("Minutes", format="%.0f", width=65),
            "plays": st.column_config.NumberColumn("Plays", format="localized", width=55),
            "skips": st.column_config.NumberColumn("Skips", format="localized", width=55),
            "device": st.column_config.TextColumn("Device", width=75),
        },
        rows=8,
    )


def _titled(name: str) -> str:
    return f"{name} ({browser.zone_name()})"
