"""Trends: one measure over time, broken down and beside the period before; the leading artists."""

from __future__ import annotations

import polars as pl
import streamlit as st

from streamlit_app import browser, charts, components, filters, timeline
from streamlit_app.periods import Period
from streamlit_app.queries import artists, breakdowns, listening
from streamlit_app.snapshot import Snapshot

MEASURES = {"plays": "Plays", "streams": "Streams", "listeners": "Listeners", "hours": "Hours"}
GRAINS = {"hour": "Hourly", "day": "Daily", "week": "Weekly"}
BREAKDOWNS = {"region": "Region", **breakdowns.COLUMNS, breakdowns.KIND: "Music and podcasts"}
MOST_REGIONS = 6
LAST = ("Unknown", "Other")


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


def series(snapshot: Snapshot, period: Period, grain: str, by: str, regions: tuple[str, ...]) -> pl.DataFrame:
    """bucket, name and the measures, broken down by one of `BREAKDOWNS`."""
    if by == "region":
        data = listening.series(snapshot, period, grain, regions).drop("region")
    elif by == breakdowns.KIND:
        data = breakdowns.kinds(snapshot, period, grain, *regions)
    else:
        data = breakdowns.series(snapshot, period, grain, by, *regions)
    if by == "source":
        names = {name: filters.source_name(name) for name in data["name"].unique()}
        data = data.with_columns(pl.col("name").replace(names))
    return timeline.filled(data, grain)


def ordered(data: pl.DataFrame) -> list[str]:
    """Names by plays, most first; what gathers the rest comes last."""
    names = data.group_by("name").agg(pl.col("plays").sum()).sort("plays", "name", descending=[True, False])
    return sorted(names["name"], key=lambda name: LAST.index(name) if name in LAST else -1)


def over_time(panel: components.Panel, data: pl.DataFrame, measure: str, grain: str, alt: str) -> None:
    """A line per name; with the period before, that one dashed."""
    is_rate = measure == "skip_rate"
    known = data.filter(pl.col(measure).is_not_null())
    draw = charts.lines_and_before if "span" in data.columns else charts.lines
    order = ordered(known)
    spec = draw("name", measure, order, grain, is_rate=is_rate)
    components.chart(panel, known, spec, f"{alt} per {grain} for {', '.join(order)}")


def artist_chart(snapshot: Snapshot, period: Period, grain: str) -> None:
    """The six artists with most streams, everywhere."""
    per = "week" if grain == "week" else "day"
    with components.panel("artists", "Top artists", f"Streams per {per}, all countries") as panel:
        data = artists.over_time(snapshot, period, grain)
        order = data["artist_name"].unique(maintain_order=True).to_list()
        spec = charts.lines("artist_name", "streams", order, "day")
        components.chart(panel, data, spec, f"Streams per {per} of {', '.join(order)}")


def numbers_table(data: pl.DataFrame, grain: str, by: str) -> None:
    """What the charts show."""
    time = f"Time ({browser.zone_name()})" if grain == "hour" else "From"
    form = "D MMM YYYY, HH:mm" if grain == "hour" else "D MMM YYYY"
    when = "moment" if "moment" in data.columns else "bucket"
    components.table(
        "trends",
        "The numbers",
        data.sort(when, descending=True, maintain_order=True),
        {
            when: st.column_config.DatetimeColumn(time, format=form),
            "name": st.column_config.TextColumn(BREAKDOWNS[by]),
            "plays": st.column_config.NumberColumn("Plays", format="localized"),
            "streams": st.column_config.NumberColumn("Streams", format="localized"),
            "listeners": st.column_config.NumberColumn("Listeners", format="localized"),
            "hours": st.column_config.NumberColumn("Hours", format="%.1f"),
            "skip_rate": st.column_config.NumberColumn("Skip rate", format="percent"),
        },
    )


snapshot = components.require_snapshot()
first, last = components.page_header(snapshot, "Trends", "How listening moves")
with st.container(horizontal=True, vertical_alignment="bottom"):
    period = filters.period(first, last)
    # Six regions by the hour of a year would be 50,000 points, more than the picture has room for.
    offered = GRAINS if period.days <= 31 else {key: GRAINS[key] for key in ("day", "week")}
    grain = filters.choice("grain", "Granularity", offered, "day")
    period = period.whole_weeks() if grain == "week" else period
    prior = period.before(grain)
    is_known = prior.within(first, last)
    is_compared = filters.flag("before", "With the period before", is_possible=is_known)
with st.container(horizontal=True, vertical_alignment="bottom"):
    with st.container(width=230):
        by = filters.selection("by", "Broken down by", BREAKDOWNS) or "region"
    with st.container(width=560 if by == "region" else 260):
        regions = (
            chosen_regions(snapshot)
            if by == "region"
            else (filters.region(listening.regions(snapshot)) or listening.GLOBAL,)
        )

data = series(snapshot, period, grain, by, regions)
if is_compared and is_known:
    data = timeline.laid_over(data, series(snapshot, prior, grain, by, regions), period, prior)
data = browser.clock(data, *({"bucket", "moment"} & set(data.columns))) if grain == "hour" else data

with components.panel("measure", "How much is played", has_tools=True) as panel:
    with panel.tools:
        measure = filters.choice("measure", "Measure", MEASURES, "plays")
    over_time(panel, data, measure, grain, MEASURES[measure])
left, right = st.columns(2)
with left, components.panel("skips", "Skip rate", "Share of plays that were skipped") as panel:
    over_time(panel, data, "skip_rate", grain, "Skip rate")
with right:
    artist_chart(snapshot, period, grain)
numbers_table(data, grain, by)
