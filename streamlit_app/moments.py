"""Which day or hour of the history a chart is of: chosen in a calendar, or stepped through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import streamlit as st

from streamlit_app import browser, filters


def day(first: date, last: date) -> date:
    """A day from `first` to `last` (`?date=`), the last by default; buttons go a day back or on."""
    key = "filter_date"
    shown = st.session_state.get(key) or _asked() or last
    st.session_state[key] = min(max(shown, first), last)  # another region's history may be shorter
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content"):
        _step(-1, "Earlier", ":material/chevron_left:", is_possible=st.session_state[key] > first)
        with st.container(width=150):
            chosen = st.date_input("Day", min_value=first, max_value=last, key=key)
        _step(1, "Later", ":material/chevron_right:", is_possible=st.session_state[key] < last)
    filters.kept("date", chosen.isoformat(), last.isoformat())
    return chosen


def _asked() -> date | None:
    """What the URL says. An hour goes first: by the clock of who sent it, it may be of another day."""
    try:
        if at := st.query_params.get("at"):
            return browser.local(datetime.fromisoformat(at)).date()
        return date.fromisoformat(st.query_params.get("date", ""))
    except ValueError:
        return None


def _step(days: int, label: str, icon: str, *, is_possible: bool) -> None:
    def move() -> None:
        st.session_state["filter_date"] += timedelta(days=days)

    st.button(label, f"step_{days}", "By a day", move, icon=icon, disabled=not is_possible, type="tertiary")


def hour(hours: Sequence[datetime]) -> datetime | None:
    """One of `hours` (UTC without a zone; `?at=`), by the viewer's clock; None when there is none."""
    by_name = {f"{each:%Y-%m-%dT%H}": each for each in hours}
    words = {name: f"{browser.local(each):%H:%M}" for name, each in by_name.items()}
    picked = filters.selection("at", f"Hour ({browser.zone_name()})", words)
    return by_name[picked] if picked else None
