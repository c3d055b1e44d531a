"""What became of the last builds, how old each model is, and where its numbers come from: parts of a page."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import streamlit as st

from serving.build import ROOT, docs_file
from streamlit_app import browser, components, numbers
from streamlit_app.queries import pipeline, quality
from streamlit_app.snapshot import Snapshot


def section(snapshot: Snapshot) -> None:
    """The last builds, and each model: when it was built, how long that took, how many rows it has.

    Nothing where no build is known.
    """
    runs = pipeline.builds(snapshot)
    if runs.is_empty():
        return
    zone = browser.zone_name()
    left, right = st.columns([1, 1.25])
    with left:
        components.table(
            "builds",
            "Builds",
            browser.clock(runs, "began_at"),
            {
                "began_at": st.column_config.DatetimeColumn(
                    f"Began ({zone})", format="D MMM, HH:mm", width=105
                ),
                "scope": st.column_config.TextColumn("Of", width=65),
                "outcome": st.column_config.TextColumn("Outcome", width=85),
                "seconds": st.column_config.NumberColumn("Seconds", format="%.1f", width=65),
                "failed": st.column_config.NumberColumn("Failed", width=55),
                "error": st.column_config.TextColumn("What failed first"),
            },
            rows=8,
        )
    with right:
        models = quality.models(snapshot)
        slowest = float(models["seconds"].to_list()[0] or 1)
        components.table(
            "models",
            "Freshness by model",
            browser.clock(models, "built_at"),
            {
                "model": st.column_config.TextColumn("Model", width=190),
                "built_at": st.column_config.DatetimeColumn(
                    f"Built ({zone})", format="D MMM, HH:mm", width=105
                ),
                "status": st.column_config.TextColumn("Outcome", width=70),
                "seconds": st.column_config.ProgressColumn(
                    "Seconds", format="%.2f", min_value=0, max_value=slowest, width=95
                ),
                "before": st.column_config.NumberColumn("Before", format="%.2f", width=60),
                "rows": st.column_config.NumberColumn("Rows", format="localized", width=80),
            },
            rows=8,
        )


def gates(snapshot: Snapshot) -> None:
    """What each gate between the zones found last; nothing where none is known."""
    told = pipeline.gates(snapshot)
    if told.is_empty():
        return
    components.table(
        "gates",
        "Gates between the zones",
        browser.clock(told, "evaluated_at"),
        {
            "gate": st.column_config.TextColumn("Gate", width=120),
            "rule": st.column_config.TextColumn("Rule", width=100),
            "outcome": st.column_config.TextColumn("Outcome", width=85),
            "found": st.column_config.TextColumn("Found"),
            "expected": st.column_config.TextColumn("Expected"),
            "evaluated_at": st.column_config.DatetimeColumn(
                f"Evaluated ({browser.zone_name()})", format="D MMM, HH:mm", width=105
            ),
        },
        rows=14,
    )


def lineage() -> None:
    """Where each number comes from: the docs of the warehouse, when they have been written."""
    found = docs_file(ROOT, os.environ)
    if not found.is_file():
        components.empty(
            "From topic to page, every table and column is described, with its lineage. To write these docs:",
            commands="make docs",
            name="lineage",
        )
        return
    with components.panel("lineage", "Where each number comes from", has_tools=True) as panel:
        panel.tools.download_button(
            "Docs and lineage",
            found.read_bytes,
            "backbeat-docs.html",
            "text/html",
            icon=":material/account_tree:",
            on_click="ignore",
        )
        written = datetime.fromtimestamp(found.stat().st_mtime, UTC)
        st.markdown(
            "Every table and column from topic to page, with its lineage: one HTML file, to open offline. "
            f"Written {numbers.minute(written)}."
        )
