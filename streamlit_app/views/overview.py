"""Overview: how much was played, when, what and where; of everywhere or of one country (`?region=`)."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

import polars as pl
import streamlit as st

from streamlit_app import browser, charts, components, filters, numbers
from streamlit_app.head import head
from streamlit_app.kpis import Kpi
from streamlit_app.periods import Period
from streamlit_app.queries import listening, tracks
from streamlit_app.snapshot import Snapshot

MEANING = {
    "Plays": "All that was played, however short; the same play told by two sources counts once. "
    "From gold.daily_listening_stats.",
    "Streams": "Plays of 30 seconds or more, and scrobbles: those count in charts. "
    "From gold.daily_listening_stats.",
    "Listeners": "Different people with at least one play in the whole period. From gold.fct_plays.",
    "Hours": "Time listened, as players report it; plays that only say when have none. "
    "From gold.daily_listening_stats.",
    "Skip rate": "Plays that were ended before the track was over, per play; changes in percentage points. "
    "From gold.daily_listening_stats.",
}


def key_figures(now: Any, before: Any, daily: pl.DataFrame) -> list[Kpi]:
    """The five figures; `before` is None when the data do not cover the prior period."""

    def figure(name: str, of: Callable[[Any], float], shown: Callable[[float], str], trend: str) -> Kpi:
        is_rate = name == "Skip rate"
        return Kpi(
            name,
            of(now),
            shown(of(now)),
            None if before is None else of(before),
            is_rate=is_rate,
            rising_is_good=not is_rate,
            trend=daily[trend].to_list(),
            note="no earlier data to compare",
            meaning=MEANING[name],
        )

    return [
        *(
            figure(key.title(), itemgetter(key), numbers.compact, key)
            for key in ("plays", "streams", "listeners")
        ),
        figure(
            "Hours", lambda part: part["ms_played"] / numbers.MS_PER_HOUR, numbers.many_hours, "ms_played"
        ),
        figure(
            "Skip rate",
            lambda part: numbers.ratio(part["skips"], part["plays"]),
            numbers.percent,
            "skip_rate",
        ),
    ]


def plays_over_time(snapshot: Snapshot, period: Period, region: str, name: str) -> None:
    """Plays per hour or day, stacked by part of the world; of one country, its own."""
    everywhere = region == listening.GLOBAL
    with components.panel(
        "plays", "Plays by part of the world" if everywhere else f"Plays in {name}", has_tools=True
    ) as panel:
        with panel.tools:
            # A year of hours would be 60,000 points, more than the picture has room for.
            grains = {"hour": "Hour", "day": "Day"} if period.days <= 31 else {"day": "Day"}
            default = "hour" if period.days <= 7 else "day"
            grain = filters.choice("per", "Per", grains, default)
        if everywhere:
            data = listening.by_area(snapshot, period, grain)
        else:
            found = listening.series(snapshot, period, grain, (region,))
            data = found.select("bucket", "plays", area="name", place=pl.lit(1))
        data = browser.clock(data, "bucket") if grain == "hour" else data
        order = data["area"].unique(maintain_order=True).to_list()
        spec = charts.stacked("area", "plays", order, grain, height=350)
        alt = f"Plays per {grain}, stacked by area" if everywhere else f"Plays per {grain} in {name}"
        components.chart(panel, data, spec, alt)


def top_tracks(snapshot: Snapshot, period: Period, region: str, name: str) -> None:
    """The most streamed tracks of the period."""
    data = tracks.top(snapshot, period, region=region)
    most = int(data["streams"][0]) if data.height else 1
    components.table(
        "top_tracks",
        "Top tracks" if region == listening.GLOBAL else f"Top tracks in {name}",
        data,
        {
            "place": st.column_config.NumberColumn("#", width=36),
            "track_title": st.column_config.TextColumn("Track", width=150),
            "artist_name": st.column_config.TextColumn("Artist", width=115),
            "streams": st.column_config.ProgressColumn(
                "Streams", format="localized", min_value=0, max_value=most, width=95
            ),
        },
        rows=10,
    )


def where(countries: pl.DataFrame) -> None:
    """The map."""
    with components.panel("map", "Where people listen") as panel:
        known = countries.filter(pl.col("numeric_code").is_not_null())
        spec = charts.world_map(known, {"plays": "Plays", "listeners": "Listeners"})
        alt = "World map of plays by country; the table beside it has the numbers"
        components.chart(panel, None, spec, alt, rows=known.drop("trend"))


def country_table(countries: pl.DataFrame) -> None:
    """The map's numbers."""
    most = int(countries["plays"].to_list()[0]) if countries.height else 1
    components.table(
        "countries",
        "Countries",
        countries,
        {
            "country_name": st.column_config.TextColumn("Country", width=125),
            "plays": st.column_config.ProgressColumn(
                "Plays", format="localized", min_value=0, max_value=most, width=110
            ),
            "listeners": st.column_config.NumberColumn("Listeners", format="localized", width=75),
            "skip_rate": st.column_config.NumberColumn("Skips", format="percent", width=65),
            "trend": st.column_config.AreaChartColumn("Trend", width=90, color="#ffb347"),
        },
        rows=8,
    )


snapshot = components.require_snapshot()
title, tools = head()
with title:
    first, last = components.page_header(snapshot, "Overview", "All listening")
with tools:
    offered = listening.regions(snapshot)
    with st.container(width=200):
        region = filters.region(offered) or listening.GLOBAL
    period = filters.period(first, last)
name = dict(offered.iter_rows()).get(region, region)

before = listening.totals(snapshot, period.prior(), region) if period.prior().within(first, last) else None
figures = key_figures(
    listening.totals(snapshot, period, region), before, listening.daily(snapshot, period, region)
)
components.kpi_row(figures, f"vs prior {period.days} days")

left, right = st.columns([1.4, 1])
with left:
    plays_over_time(snapshot, period, region, name)
with right:
    top_tracks(snapshot, period, region, name)

# All of them, whatever region is chosen: that is what one compares it with.
countries = listening.by_country(snapshot, period)
left, right = st.columns([1.2, 1])
with left:
    where(countries)
with right:
    country_table(countries)
