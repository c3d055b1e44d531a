"""Recommendations: what to play next, why, and what is like any track."""

from __future__ import annotations

import streamlit as st

from streamlit_app import components, filters
from streamlit_app.queries import recommendations, tracks
from streamlit_app.snapshot import Snapshot


def for_listener(snapshot: Snapshot) -> None:
    """A listener's picks with their reasons."""
    user_id = filters.listener(snapshot)
    if user_id is None:
        components.empty("No listener in this snapshot.", name="nobody")
        return
    picks = recommendations.picks(snapshot, user_id)
    if picks.is_empty():
        components.empty(
            f"Nothing to recommend to {user_id} yet: too little has been played.", name="no_picks"
        )
        return
    components.picks("picks", f"{picks.height} picks for {user_id}", picks)


def more_like_this(snapshot: Snapshot) -> None:
    """The tracks that the same people play."""
    st.header("More like this", anchor=False)
    track_key = filters.track(snapshot)
    if track_key is None:
        components.empty("No two tracks share enough listeners yet to call them alike.", name="no_similar")
        return
    components.table(
        "similar",
        "Played by the same people",
        tracks.similar(snapshot, track_key),
        {
            "rank": st.column_config.NumberColumn("#", width=40),
            "track_title": st.column_config.TextColumn("Track"),
            "artist_name": st.column_config.TextColumn("Artist"),
            "similarity": st.column_config.ProgressColumn(
                "Similarity", format="percent", min_value=0, max_value=1
            ),
            "listeners_together": st.column_config.NumberColumn("Shared listeners", format="localized"),
        },
    )


snapshot = components.require_snapshot()
components.page_header(snapshot, "Recommendations", "From what people with similar taste play")
for_listener(snapshot)
more_like_this(snapshot)
