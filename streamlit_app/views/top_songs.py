"""Top songs: the ten most streamed of a region's day or hour, how they got there, beside another region's."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

import polars as pl
import streamlit as st

from streamlit_app import browser, charts, components, filters, moments, numbers
from streamlit_app.queries import top_songs
from streamlit_app.snapshot import Snapshot

NOBODY = "none"


def moves(chart: pl.DataFrame) -> pl.Series:
    """▲2, ▼1, = or new, from `move` (null when the song is new)."""
    words = [
        "new" if move is None else "=" if move == 0 else f"▲ {move}" if move > 0 else f"▼ {-move}"
        for move in chart["move"]
    ]
    return pl.Series("moved", words, dtype=pl.String)


def chart_of(snapshot: Snapshot, region: str, day: date, hour: datetime | None) -> pl.DataFrame:
    """The ten of that hour, or day."""
    return top_songs.hourly(snapshot, region, hour) if hour else top_songs.daily(snapshot, region, day)


def chart_table(name: str, title: str, chart: pl.DataFrame, per: str, other: str | None) -> None:
    """The ten; with `other`, the place each has in that region's chart (`there`)."""
    most = max(chart["plays"].to_list())
    columns = {
        "rank": st.column_config.NumberColumn("#", width=36),
        "moved": st.column_config.TextColumn("Move", width=56, help=f"Against the {per} before"),
        "track_title": st.column_config.TextColumn("Song", width=130),
        "artist_name": st.column_config.TextColumn("Artist", width=112),
        "plays": st.column_config.ProgressColumn(
            "Streams", format="localized", min_value=0, max_value=most, width=95
        ),
        "listeners": st.column_config.NumberColumn("Listeners", format="localized", width=74),
        "peak_rank": st.column_config.NumberColumn("Peak", width=52, help="Best rank so far"),
        "streak": st.column_config.NumberColumn(
            "Streak", width=58, help=f"{per.title()}s on the chart in a row"
        ),
    }
    if other:  # half as wide
        there = st.column_config.NumberColumn("There", width=58, help=f"Its place in {other}")
        plays = st.column_config.NumberColumn("Streams", format="localized", width=66)
        narrow = ("rank", "moved", "track_title", "artist_name", "peak_rank", "streak")
        columns = {"there": there, **{key: columns[key] for key in narrow}, "plays": plays}
        columns = {"rank": columns.pop("rank"), **columns}
    components.table(name, title, chart.with_columns(moves(chart)), columns)


def path_panel(name: str, title: str, path: pl.DataFrame, per: str) -> None:
    """How the top five came to where they are."""
    with components.panel(name, title) as panel:
        if path.is_empty():
            st.markdown("There is no chart to get into.")
            return
        path = browser.clock(path, "bucket") if per == "hour" else path
        order = path["song"].unique(maintain_order=True).to_list()
        spec = charts.rank_paths(order, per, height=352)
        components.chart(panel, path, spec, f"Rank over time of {', '.join(order)}")


def path_of(snapshot: Snapshot, region: str, day: date, hour: datetime | None) -> pl.DataFrame:
    """Ranks of the last 24 hours, or 14 days."""
    if hour:
        return top_songs.path_of_hourly(snapshot, region, hour)
    return top_songs.path_of_daily(snapshot, region, day)


def chosen_moment(snapshot: Snapshot, region: str, per: str) -> tuple[date, datetime | None] | None:
    """The day, and the hour where the chart is an hour's; None when the region has no such chart."""
    is_hourly = per == "hour"
    span = (top_songs.hour_span if is_hourly else top_songs.span)(snapshot, region)
    first, last = span.values()
    if first is None or last is None:
        return None
    if not is_hourly:
        return moments.day(cast(date, first), cast(date, last)), None
    day = moments.day(*(browser.local(cast(datetime, end)).date() for end in (first, last)))
    with st.container(width=130):
        hour = moments.hour(top_songs.hours(snapshot, region, *browser.day_bounds(day)))
    return (day, hour) if hour else None


def two(left: pl.DataFrame, right: pl.DataFrame, per: str, names: tuple[str, str], when: str) -> None:
    """Two charts side by side, each with the places of the other."""
    ranks = [chart.select("track_key", there="rank") for chart in (left, right)]
    both = left.join(ranks[1], on="track_key", how="left"), right.join(ranks[0], on="track_key", how="left")
    shared = both[0]["there"].count()
    st.caption(f"{shared} of {left.height} songs of {names[0]} are on the chart of {names[1]}, too.")
    for place, chart, name, other, key in zip(
        st.columns(2), both, names, reversed(names), ("chart", "chart_there"), strict=True
    ):
        with place:
            if chart.is_empty():
                components.empty(f"Nothing was streamed in {name} then.", name=f"no_{key}")
            else:
                chart_table(key, f"{name}, {when}", chart, per, other)


snapshot = components.require_snapshot()
components.page_header(snapshot, "Top songs", "Ten per region, by streams")
names = dict(top_songs.regions(snapshot).iter_rows())
with st.container(horizontal=True, vertical_alignment="bottom"):
    per = filters.choice("chart", "Chart", {"day": "Day", "hour": "Hour"}, "day")
    with st.container(width=220):
        region = filters.region(top_songs.regions(snapshot))
    with st.container(width=220):
        others = {NOBODY: "No other", **{key: name for key, name in names.items() if key != region}}
        beside = filters.selection("beside", "Beside", others, NOBODY)
    chosen = chosen_moment(snapshot, region, per) if region else None

if region is None or chosen is None:
    components.empty("No chart for this choice: nothing was streamed there then.")
    st.stop()
day, hour = chosen
when = numbers.minute(hour) if hour else numbers.day(day)
chart = chart_of(snapshot, region, day, hour)
other = beside if beside in names else None
if chart.is_empty():
    components.empty(f"Nothing was streamed there on {numbers.day(day)}.")
    st.stop()
path = path_of(snapshot, region, day, hour)
if other:
    two(chart, chart_of(snapshot, other, day, hour), per, (names[region], names[other]), when)
    left, right = st.columns(2)
    with left:
        path_panel("path", f"How the top five of {names[region]} got there", path, per)
    with right:
        there = path_of(snapshot, other, day, hour)
        path_panel("path_there", f"How the top five of {names[other]} got there", there, per)
else:
    left, right = st.columns([1.75, 1])
    with left:
        chart_table("chart", when, chart, per, None)
    with right:
        path_panel("path", f"How the top five got there, by {per}", path, per)
