"""Small tables as HTML: every kind of cell, nothing that a title could smuggle in."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest
import streamlit as st

from streamlit_app import cells

COLUMNS = {
    "title": st.column_config.TextColumn("Track"),
    "streams": st.column_config.ProgressColumn("Streams", format="localized", min_value=0, max_value=4000),
    "skips": st.column_config.NumberColumn("Skips", format="percent"),
    "trend": st.column_config.AreaChartColumn("Trend"),
    "is_new": st.column_config.CheckboxColumn("New"),
}
ROWS = pl.DataFrame(
    {
        "title": ["<b>Loud</b>", None],
        "streams": [1000, 4000],
        "skips": [0.125, None],
        "trend": [[1, 2, 3], [1]],
        "is_new": [True, False],
        "hidden": ["not shown", "not shown"],
    }
)


def test_a_table_has_its_heads_rows_and_height() -> None:
    found = cells.html('Top "ten"', ROWS, COLUMNS, rows=10)
    assert [found.count(tag) for tag in ("<th ", "<tr>", "<td")] == [5, 3, 10]
    assert 'aria-label="Top &quot;ten&quot;"' in found
    assert "--rows:2" in found
    assert "--rows:1" in cells.html("Top", ROWS, COLUMNS, rows=1)
    assert "not shown" not in found


def test_cells_are_written_by_their_kind() -> None:
    first, second = cells.html("Top", ROWS, COLUMNS, rows=10).split("<tr>")[2:]
    assert "<b>" not in first
    assert "&lt;b&gt;Loud&lt;/b&gt;" in first
    assert '<td data-n="1000">1,000<i aria-hidden="true" style="--share:25.0%">' in first
    assert '<td data-n="0.125">12.5%</td>' in first
    assert "data:image/svg+xml" in first
    assert "✓" in first
    assert second.startswith('<td>–</td><td data-n="4000">4,000')
    assert '<td data-n="">–</td><td></td><td></td>' in second


def test_a_moment_is_written_by_its_tokens() -> None:
    column = st.column_config.DatetimeColumn("At", format="D MMM YYYY, HH:mm")
    assert (
        cells.cell(datetime(2026, 3, 5, 8, 7), column)  # noqa: DTZ001
        == '<td data-v="2026-03-05T08:07:00">5 Mar 2026, 08:07</td>'
    )


def test_another_kind_is_refused() -> None:
    with pytest.raises(KeyError, match="link"):
        cells.html("Top", ROWS, {"title": st.column_config.LinkColumn("Track")}, rows=10)


def test_numbers_are_written_with_their_decimals_and_sort_by_their_value() -> None:
    for form, written in (("%.2f", "1,234.50"), ("%.0f", "1,234"), (None, "1,234.5"), ("%.4f", "1,234.5000")):
        column = st.column_config.NumberColumn("Net", format=form)
        assert cells.cell(Decimal("1234.5"), column) == f'<td data-n="1234.5">{written}</td>'


def test_a_column_without_a_kind_is_text_and_texts_are_cut_at_their_width() -> None:
    columns = {"title": st.column_config.Column("<Track>", width=90, help='of "all"')}
    found = cells.html("Top", ROWS, columns, rows=10)
    assert "--w1:90px" in found
    assert (
        '<th scope="col" title="of &quot;all&quot;"><button class="bb-sort">&lt;Track&gt;</button>' in found
    )
    assert "<td>&lt;b&gt;Loud&lt;/b&gt;</td>" in found
