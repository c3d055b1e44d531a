"""Trends: one measure over time by region, the skip rate, and the leading artists."""

from __future__ import annotations

import polars as pl
import streamlit as st

from streamlit_app import browser, charts, components, filters
from streamlit_app.periods import Period
from streamlit_app.queries import artists, listening
from streamlit_app.snapshot import Snapshot

MEASURES = {"plays": "Plays", "streams": "Streams", "listeners": "Listeners", "hours": "Hours"}
GRAINS = {"hour": "Hourly", "day": "Daily", "week": "Weekly"}
MOST_REGIONS = 6


def chosen_regions(snapshot: Snapshot) -> tuple[str, ...]:
    """Up to six regions to set side by side (`?regions=`); the whole world when none is picked."""
    names = dict(listening.regions(snapshot).iter_rows())
    asked = [region for region in st.query_params.get("regions", "").split(",") if region in names]
    picked = st.multiselect(
        "Regions",
        list(names),
        default=asked or [listening.GLOBAL],
        format_func=lambda region: names.get(region, region),
        max_selections=MOST_REGIONS,
        placeholder="All countries",
        key="filter_regions",
    )
    if picked and picked != [listening.GLOBAL]:
        st.query_params["regions"] = ",".join(picked)
    elif "regions" in st.query_params:
        del st.query_params["regions"]
    return tuple(picked) or (listening.GLOBAL,)


def measure_chart(data: pl.DataFrame, grain: str) -> None:
    """The chosen measure, a line per region."""
    with components.panel("measure", "How much is played") as panel:
        with panel.tools:
            measure = filters.choice("measure", "Measure", MEASURES, "plays")
        order = data["name"].unique(maintain_order=True).to_list()
        alt = f"{MEASURES[measure]} per {grain} for {', '.join(order)}"
        components.chart(panel, data, charts.lines("name", measure, order, grain), alt)


def skip_chart(data: pl.DataFrame, grain: str) -> None:
    """The skip rate, a line per region."""
    with components.panel("skips", "Skip rate", "Share of plays that were skipped") as panel:
        order = data["name"].unique(maintain_order=True).to_list()
        spec = charts.lines("name", "skip_rate", order, grain, is_rate=True)
        components.chart(panel, data, spec, f"Skip rate per {grain} for {', '.join(order)}")


def artist_chart(snapshot: Snapshot, period: Period, grain: str) -> None:
    """The six artists with most streams, everywhere."""
    per = "week" if grain == "week" else "day"
    with components.panel("artists", "Top artists", f"Streams per {per}, all countries") as panel:
        data = artists.over_time(snapshot, period, grain)
        order = data["artist_name"].unique(maintain_order=True).to_list()
        spec = charts.lines("artist_name", "streams", order, "day")
        components.chart(panel, data, spec, f"Streams per {per} of {', '.join(order)}")


snapshot = components.require_snapshot()
first, last = components.page_header(snapshot, "Trends", "How listening moves")
with st.container(horizontal=True, vertical_alignment="bottom"):
    period = filters.period(first, last)
    # Six regions by the hour of a year would be 50,000 points, more than the picture has room for.
    offered = GRAINS if period.days <= 31 else {key: GRAINS[key] for key in ("day", "week")}
    grain = filters.choice("grain", "Granularity", offered, "day")
period = period.whole_weeks() if grain == "week" else period
regions = chosen_regions(snapshot)

data = listening.series(snapshot, period, grain, regions)
data = browser.clock(data, "bucket") if grain == "hour" else data
measure_chart(data, grain)
left, right = st.columns(2)
with left:
    skip_chart(data, grain)
with right:
    artist_chart(snapshot, period, grain)
components.table(
    "trends",
    "The numbers",
    data.sort("bucket", descending=True, maintain_order=True),
    {
        "bucket": st.column_config.DatetimeColumn(
            f"Time ({browser.zone_name()})" if grain == "hour" else "From",
            format="D MMM YYYY, HH:mm" if grain == "hour" else "D MMM YYYY",
        ),
        "name": st.column_config.TextColumn("Region"),
        "plays": st.column_config.NumberColumn("Plays", format="localized"),
        "streams": st.column_config.NumberColumn("Streams", format="localized"),
        "listeners": st.column_config.NumberColumn("Listeners", format="localized"),
        "hours": st.column_config.NumberColumn("Hours", format="%.1f"),
        "skip_rate": st.column_config.NumberColumn("Skip rate", format="percent"),
    },
)
