"""The parts that pages are made of: header, key figures, cards, charts, tables, empty states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import cast

import polars as pl
import streamlit as st
from polars import selectors
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from streamlit_app import cells, downloads, kpis, numbers
from streamlit_app.kpis import Kpi
from streamlit_app.marks import Spec
from streamlit_app.queries import pipeline
from streamlit_app.snapshot import Snapshot, current, folder

Columns = Mapping[str, ColumnConfig | str | None]


def require_snapshot() -> Snapshot:
    """The newest snapshot; without one the page says how to make it, and ends here."""
    snapshot = current()
    if snapshot is None:
        st.title("Nothing published yet")
        empty(
            f"There is no snapshot in {folder()} (BACKBEAT_SNAPSHOTS). To make one from nothing:",
            commands="make demo",
        )
        empty(
            "Or build and publish what the lake already holds:", commands="backbeat refresh", name="refresh"
        )
        st.caption("This page opens by itself as soon as a snapshot is there.")
        st.stop()
    return snapshot


def page_header(snapshot: Snapshot, title: str, subtitle: str) -> tuple[date, date]:
    """Title, and the snapshot's time and range. Returns the first and last day of plays.

    Without any play the page says how to get some, and ends.
    """
    span = pipeline.span(snapshot)
    first, last = cast(date | None, span["first_date"]), cast(date | None, span["last_date"])
    if first is None or last is None:
        heading(snapshot, title, subtitle)
        empty(
            "This snapshot holds no plays yet. Produce some events, land them, then build and publish:",
            commands="backbeat simulate\nbackbeat sink\nbackbeat refresh",
        )
        st.stop()
    heading(snapshot, title, f"{subtitle} · plays of {numbers.span(first, last)}")
    return first, last


def heading(snapshot: Snapshot, title: str, subtitle: str) -> None:
    """Title, and from when the snapshot is."""
    st.title(title)
    published = cast(datetime, pipeline.published(snapshot)["published_at"])
    st.caption(f"{subtitle} · snapshot of {numbers.minute(published)}")


def no_reports(sentence: str, name: str = "empty") -> None:
    """A calm box that says which report is missing, and how to bring it."""
    empty(sentence, commands="backbeat import PATH/TO/REPORT\nbackbeat refresh", name=name)


def empty(sentence: str, *, commands: str | None = None, name: str = "empty") -> None:
    """A calm box that says what is missing and which commands fill it."""
    with st.container(border=True, key=f"card_{name}"):
        st.markdown(sentence)
        if commands:
            st.code(commands, language="bash")


def kpi_row(figures: Sequence[Kpi], against: str = "") -> None:
    """Key figures side by side, none alone in a row; two in a row on a phone."""
    st.html(kpis.row(figures, against))


@dataclass(frozen=True)
class Panel:
    """A framed part of the page; `tools` is the line of its title, for filters and buttons."""

    name: str
    title: str
    note: str
    head: DeltaGenerator
    tools: DeltaGenerator

    def write_head(self, link: str = "") -> None:
        """Title, note and `link` as one piece: each part of a page costs the browser a millisecond or two."""
        note = f'<p class="bb-note">{escape(self.note)}</p>' if self.note else ""
        title = f'<h3 class="bb-title">{escape(self.title)}</h3>'
        self.head.html(f'<div class="bb-head"><div>{title}{note}</div>{link}</div>')


@contextmanager
def panel(name: str, title: str, note: str = "", *, has_tools: bool = False) -> Iterator[Panel]:
    """A framed part of the page, as high as its neighbours; where it `has_tools`, `with panel.tools:` writes
    by its title."""
    card = st.container(border=True, key=f"card_{name}", height="stretch")
    with card:
        line = st.container(horizontal=True, vertical_alignment="center", gap="small") if has_tools else card
        made = Panel(name, title, note, line.empty(), line)
        made.write_head()
        yield made


def chart(
    panel: Panel, data: pl.DataFrame | None, spec: Spec, alt: str, *, rows: pl.DataFrame | None = None
) -> None:
    """A Vega-Lite chart as wide as its panel; `alt` says in words what it shows.

    Its numbers are a CSV by the title: `rows`, where the specification brings its data itself, else `data`.
    Its picture is a PNG by the chart's own toolbar: the browser has it drawn already.
    """
    held = data if rows is None else rows
    if held is not None:
        csv_button(panel, held)
    # A browser has no decimals: money is drawn as floats, and exact in the CSV.
    drawn = None if data is None else data.with_columns(selectors.decimal().cast(pl.Float64))
    st.vega_lite_chart(drawn, spec, width="stretch", theme=None, alt=alt)


def table(name: str, title: str, data: pl.DataFrame, columns: Columns, *, rows: int = 10) -> None:
    """A framed table with its CSV download, `rows` rows high at most, sorted by a click on a column's head.

    Columns not named in `columns` are only in the CSV; it keeps every digit. Long ones have pages.
    """
    many = max(cells.FEWEST, cells.MOST // len(columns))
    last = max(data.height - 1, 0) // many
    key = f"page_{name}"
    number = min(int(st.session_state.get(key, 0)), last)
    shown = data.slice(number * many, many)
    first, end = number * many + 1, number * many + shown.height
    note = f"Rows {first:,} to {end:,} of {data.height:,}; the CSV has all" if last else ""
    with panel(name, title, note, has_tools=last > 0) as place:
        _turners(place, key, number, last)
        csv_button(place, data)
        if data.is_empty():
            st.markdown("No rows here.")
        else:
            rows_of(title, shown, columns, rows)


def rows_of(title: str, data: pl.DataFrame, columns: Columns, rows: int) -> None:
    """A table without a frame of its own, as a part of a panel."""
    st.html(cells.html(title, data, cast(Mapping[str, cells.Config], columns), rows))


def _turners(place: Panel, key: str, number: int, last: int) -> None:
    """Buttons by the title that turn to the rows before and after, where there are any; `key` keeps which."""

    def turn(to: int) -> None:
        st.session_state[key] = to

    for label, to in (("Previous", number - 1), ("Next", number + 1)):
        if 0 <= to <= last:
            place.tools.button(label, key=f"{key}_{label}", type="tertiary", on_click=turn, args=(to,))


def picks(name: str, title: str, data: pl.DataFrame) -> None:
    """Recommended tracks as a list of cards: rank, title, artist, reason."""
    with panel(name, title) as place:
        csv_button(place, data)
        items = "".join(_pick(row) for row in data.iter_rows(named=True))
        st.html(f'<div class="bb-picks" role="list">{items}</div>')


def _pick(row: Mapping[str, object]) -> str:
    shown = ("track_title", "artist_name", "reason")
    title, artist, reason = (escape(str(row[key] or "–")) for key in shown)
    return (
        f'<div role="listitem"><div class="bb-rank">{row["rank"]}</div>'
        f'<div class="bb-pick"><b title="{title}">{title}</b>'
        f'<span>{artist}</span><span class="bb-why">{reason}</span></div></div>'
    )


def csv_button(panel: Panel, data: pl.DataFrame) -> None:
    """`data` as CSV, by the panel's title; nothing where there are no rows."""
    if not data.is_empty():
        panel.write_head(downloads.link(panel.name, panel.title, data))
