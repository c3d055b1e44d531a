"""Podcasts: which episodes are finished, and how far people listen, by country."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import polars as pl
import streamlit as st

from streamlit_app import charts, components, filters, numbers
from streamlit_app.kpis import Kpi
from streamlit_app.periods import Period
from streamlit_app.queries import podcasts
from streamlit_app.snapshot import Snapshot


def key_figures(now: Any, before: Any) -> list[Kpi]:
    """The five figures; a listen is one person, episode and day."""

    def rate(part: Any) -> float:
        return numbers.ratio(part["completed"], part["listens"])

    def amount(name: str, key: str) -> Kpi:
        return Kpi(name, now[key], numbers.compact(now[key]), before[key] if before else None)

    finished, through = rate(now), now["listen_through_rate"]
    through_before = before["listen_through_rate"] if before else None
    return [
        amount("Listens", "listens"),
        amount("Listeners", "listeners"),
        amount("Completed", "completed"),
        Kpi("Completion rate", finished, numbers.percent(finished), rate(before) if before else None, True),
        Kpi("Listen-through", through, numbers.percent(through), through_before, True, note="uncapped"),
    ]  # fmt: skip


def completed(episodes: pl.DataFrame) -> None:
    """The ten most completed episodes."""
    with components.panel("completed", "Most completed episodes") as panel:
        spec = charts.bars("episode_title", "completes", "Completed", room=210)
        components.chart(panel, episodes.head(10), spec, "Episodes by times completed")


def by_country(countries: pl.DataFrame) -> None:
    """Listen-through, capped and not."""
    note = "Dot: capped at the episode's length. Ring: as heard, repeats included. The twelve most heard in."
    with components.panel("through", "Listen-through by country", note) as panel:
        spec = charts.capped_and_not(290)
        components.chart(panel, countries.head(12), spec, "Listen-through, capped and uncapped")


def tables(episodes: pl.DataFrame, countries: pl.DataFrame) -> None:
    """The numbers behind both charts."""
    components.table(
        "episodes",
        "Episodes",
        episodes,
        {
            "episode_title": st.column_config.TextColumn("Episode", width=230),
            "podcast_title": st.column_config.TextColumn("Podcast"),
            "plays": st.column_config.NumberColumn("Plays", format="localized"),
            "listeners": st.column_config.NumberColumn("Listeners", format="localized"),
            "completes": st.column_config.NumberColumn("Completed", format="localized"),
            "completion_rate": st.column_config.ProgressColumn(
                "Completion", format="percent", min_value=0, max_value=1
            ),
            "hours": st.column_config.NumberColumn("Hours", format="%.1f"),
            "minutes": st.column_config.NumberColumn("Length (min)", format="%.0f"),
        },
        rows=10,
    )
    components.table(
        "through_table",
        "Listen-through",
        countries,
        {
            "country_name": st.column_config.TextColumn("Country"),
            "listens": st.column_config.NumberColumn("Listens", format="localized"),
            "completes": st.column_config.NumberColumn("Completed", format="localized"),
            "listen_through_rate_capped": st.column_config.NumberColumn("Capped", format="percent"),
            "listen_through_rate": st.column_config.NumberColumn("Uncapped", format="percent"),
        },
        rows=9,
    )


def window(snapshot: Snapshot) -> tuple[Period, Period | None]:
    """The chosen period, and the prior one if the data cover it; ends the page when there is no podcast."""
    span = podcasts.span(snapshot)
    first, last = cast(date | None, span["first_date"]), cast(date | None, span["last_date"])
    if first is None or last is None:
        components.empty(
            "No podcast was heard in this snapshot. Bring an event log:",
            commands="backbeat import PATH/TO/LOG",
        )
        st.stop()
    chosen = filters.period(first, last)
    return chosen, chosen.prior() if chosen.prior().within(first, last) else None


snapshot = components.require_snapshot()
components.page_header(snapshot, "Podcasts", "Episodes heard and finished")
period, prior = window(snapshot)
before = podcasts.totals(snapshot, prior) if prior else None
components.kpi_row(key_figures(podcasts.totals(snapshot, period), before), f"vs prior {period.days} days")
episodes, countries = podcasts.episodes(snapshot, period), podcasts.by_country(snapshot, period)
left, right = st.columns([1, 1.1])
with left:
    completed(episodes)
with right:
    by_country(countries)
tables(episodes, countries)
