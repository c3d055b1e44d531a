"""A release's months, and its first days beside the artist's others, as parts of a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from streamlit_app import charts, components, filters, numbers
from streamlit_app.charts import launch
from streamlit_app.queries import beginnings, releases, royalties
from streamlit_app.queries.royalties import Share
from streamlit_app.snapshot import Snapshot

_HEIGHT = 250
_MEASURES = {"net": "Earned", "streams": "Streamed"}


def caption(about: Mapping[str, Any]) -> None:
    """What it is called elsewhere, and its first day."""
    day = about["release_day"]
    words = [
        str(about["artist_name"] or "Unknown artist"),
        f"UPC {about['upc']}" if about["upc"] else "",
        str(about["catalog_number"] or ""),
        f"first told of on {numbers.day(day)}" if day else "no report tells of its first days",
    ]
    st.caption(" · ".join(word for word in words if word))


def over_time(snapshot: Snapshot, release: str, share: Share | None, currency: str) -> None:
    """By month and platform; the first days beside the others'. Without `share` no money."""
    left, right = st.columns(2)
    with left:
        _months(snapshot, release, share, currency)
    with right:
        _first_days(snapshot, release)


def _months(snapshot: Snapshot, release: str, share: Share | None, currency: str) -> None:
    with components.panel("release_months", "By month and platform", has_tools=bool(share)) as panel:
        measure = "streams"
        if share:
            with panel.tools:
                measure = filters.choice("show", "Show", _MEASURES, "net")
        data = royalties.by_month(snapshot, share) if share and measure == "net" else None
        if data is None:
            data = releases.by_month(snapshot, release)
        if data.is_empty():
            st.markdown("No report tells its streams by the day.")
            return
        order = data.select("store_name", "place").unique().sort("place")["store_name"].to_list()
        if measure == "net":
            spec = charts.stacked_months("store_name", "net", order, f"Net ({currency})", _HEIGHT)
        else:
            spec = launch.streamed_months(order, _HEIGHT)
        components.chart(panel, data, spec, f"{_MEASURES[measure]} by month and platform")


def _first_days(snapshot: Snapshot, release: str) -> None:
    note = "Streams since the first day, beside the artist's newest releases"
    with components.panel("first_days", f"The first {beginnings.MONTH} days", note) as panel:
        data = beginnings.first_days(snapshot, release)
        if data.is_empty():
            st.markdown("No report tells the streams of its first days.")
            return
        order = data.select("release_name", "place").unique().sort("place")["release_name"].to_list()
        components.chart(panel, data, launch.first_days(order, _HEIGHT), "Streams in the first days")
