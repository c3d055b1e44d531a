"""What became of the last builds, as a part of a page."""

from __future__ import annotations

import streamlit as st

from streamlit_app import components
from streamlit_app.queries import pipeline
from streamlit_app.snapshot import Snapshot


def section(snapshot: Snapshot) -> None:
    """What became of the last builds, and which models took the time; nothing where none is known."""
    runs = pipeline.builds(snapshot)
    if not runs.height:
        return
    left, right = st.columns([1.7, 1])
    with left:
        components.table(
            "builds",
            "Builds",
            runs,
            {
                "began_at": st.column_config.DatetimeColumn("Began (UTC)", format="D MMM, HH:mm", width=100),
                "scope": st.column_config.TextColumn("Of", width=70),
                "outcome": st.column_config.TextColumn("Outcome", width=95),
                "seconds": st.column_config.NumberColumn("Seconds", format="%.1f", width=70),
                "models": st.column_config.NumberColumn("Models", width=60),
                "tests": st.column_config.NumberColumn("Tests", width=60),
                "error": st.column_config.TextColumn("What failed first"),
            },
            rows=6,
        )
    with right:
        components.table(
            "slowest_models",
            "Slowest models",
            pipeline.slowest_models(snapshot),
            {
                "model": st.column_config.TextColumn("Model", width=190),
                "seconds": st.column_config.NumberColumn("Seconds", format="%.2f", width=75),
                "before": st.column_config.NumberColumn("Build before", format="%.2f", width=90),
            },
            rows=6,
        )
