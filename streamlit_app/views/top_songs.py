"""Top songs: the ten most streamed per region and day or hour, and how they got there."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

import polars as pl
import streamlit as st

from streamlit_app import browser, charts, components, filters, numbers
from streamlit_app.queries import top_songs
from streamlit_app.snapshot import Snapshot


def moves(chart: pl.DataFrame) -> pl.Series:
    """▲2, ▼1, = or new, from `move` (null when the song is new)."""
    words = [
        "new" if move is None else "=" if move == 0 else f"▲ {move}" if move > 0 else f"▼ {-move}"
        for move in chart["move"]
    ]
    return pl.Series("moved", words, dtype=pl.String)


def chosen_day(snapshot: Snapshot, region: str) -> date | None:
    """A day that can have a chart (`?date=`), the latest by default; None when the region has none."""
    span = top_songs.span(snapshot, region)
    first, last = cast(date | None, span["first_date"]), cast(date | None, span["last_date"])
    if first is None or last is None:
        return None
    asked = st.query_params.get("date", "")
    try:
        default = min(max(date.fromisoformat(asked), first), last)
    except ValueError:
        default = last
    day = st.date_input("Day", default, min_value=first, max_value=last, key=f"filter_date_{region}")
    if day != last:
        st.query_params["date"] = day.isoformat()
    elif "date" in st.query_params:
        del st.query_params["date"]
    return day


def chosen_hour(snapshot: Snapshot, region: str, day: date) -> datetime | None:
    """An hour of that day that has a chart (`?hour=`), the latest by default."""
    hours = {f"{hour:%H}": hour for hour in top_songs.hours(snapshot, region, day)}
    picked = filters.selection("hour", "Hour (UTC)", {key: f"{key}:00" for key in hours})
    return hours.get(picked) if picked else None


def chart_table(chart: pl.DataFrame, title: str, per: str) -> None:
    """The ten."""
    most = int(chart["plays"].to_list()[0])
    components.table(
        "chart",
        title,
        chart.with_columns(moves(chart)),
        {
            "rank": st.column_config.NumberColumn("#", width=36),
            "moved": st.column_config.TextColumn("Move", width=56, help="Against the chart before"),
            "track_title": st.column_config.TextColumn("Song", width=150),
            "artist_name": st.column_config.TextColumn("Artist", width=130),
            "plays": st.column_config.ProgressColumn(
                "Streams", format="localized", min_value=0, max_value=most, width=95
            ),
            "listeners": st.column_config.NumberColumn("Listeners", format="localized", width=74),
            "peak_rank": st.column_config.NumberColumn("Peak", width=56, help="Best rank so far"),
            "streak": st.column_config.NumberColumn(
                "Streak", width=64, help=f"{per.title()}s on the chart in a row"
            ),
        },
    )


snapshot = components.require_snapshot()
components.page_header(snapshot, "Top songs", "Ten per region, by streams")
with st.container(horizontal=True, vertical_alignment="bottom"):
    per = filters.choice("chart", "Chart", {"day": "Day", "hour": "Hour"}, "day")
    with st.container(width=260):
        region = filters.region(top_songs.regions(snapshot))
    with st.container(width=170):
        day = chosen_day(snapshot, region) if region else None
    with st.container(width=130):
        hour = chosen_hour(snapshot, region, day) if region and day and per == "hour" else None

if region is None or day is None or (per == "hour" and hour is None):
    components.empty("No chart for this choice: nothing was streamed there then.")
    st.stop()
chart = top_songs.hourly(snapshot, region, hour) if hour else top_songs.daily(snapshot, region, day)
path = (
    top_songs.path_of_hourly(snapshot, region, hour)
    if hour
    else top_songs.path_of_daily(snapshot, region, day)
)
if chart.is_empty():
    components.empty(f"Nothing was streamed there on {numbers.day(day)}.")
    st.stop()
left, right = st.columns([1.75, 1])
with left:
    chart_table(chart, numbers.minute(hour) if hour else numbers.day(day), per)
with right, components.panel("path", f"How the top five got there, by {per}") as panel:
    path = browser.clock(path, "bucket") if hour else path
    order = path["song"].unique(maintain_order=True).to_list()
    spec = charts.rank_paths(order, per, height=352)
    components.chart(panel, path, spec, f"Rank over time of {', '.join(order)}")
