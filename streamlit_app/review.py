"""A year in review: a panel that draws the picture when asked for, to look at and to take away."""

from __future__ import annotations

import streamlit as st

from streamlit_app import components, filters
from streamlit_app.poster import picture
from streamlit_app.queries import year
from streamlit_app.queries.year import Year
from streamlit_app.snapshot import Snapshot


def section(snapshot: Snapshot, user_id: str) -> None:
    """The listener's year of choice (`?year=`) as a picture, made on click."""
    years = {str(number): str(number) for number in year.years(snapshot, user_id)}
    with components.panel(
        "review", "Year in review", "A picture to share; it names nobody", has_tools=True
    ) as panel:
        with panel.tools:
            chosen = filters.choice("year", "Year", dict(list(years.items())[:4]), next(iter(years)))
        wanted = (user_id, chosen)
        if st.button(f"Draw {chosen}", icon=":material/palette:", type="primary", key="draw_year"):
            st.session_state["drawn_year"] = wanted
        if st.session_state.get("drawn_year") != wanted:
            st.markdown("Hours, artists, tracks, streaks and the busiest day of the year, on one card.")
            return
        found = year.review(snapshot, user_id, int(chosen))
        png = _drawn(found)
        st.image(png, width=420, alt=words(found))
        st.download_button(
            "PNG",
            png,
            f"backbeat-{chosen}.png",
            "image/png",
            key="png_review",
            icon=":material/download:",
            on_click="ignore",
        )


def words(found: Year) -> str:
    """What the picture says, for who does not see it."""
    time = (
        f"{found.plays:,} plays"
        if found.hours is None
        else f"{found.hours:,.0f} hours, {found.plays:,} plays"
    )
    artists = ", ".join(name for name, _ in found.artists)
    tracks = ", ".join(f"{title} by {artist}" for title, artist, _ in found.tracks)
    return f"{found.year} in review: {time}. Top artists: {artists}. Top tracks: {tracks}."


@st.cache_data(max_entries=30, show_spinner="Drawing")
def _drawn(found: Year) -> bytes:
    return picture(found)
