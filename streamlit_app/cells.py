"""A small table as HTML: a browser draws it at once, where a grid of its own takes a tenth of a second.

Columns are told by Streamlit's own column configurations, so a table can be either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import polars as pl

from streamlit_app import numbers
from streamlit_app.kpis import sparkline

Config = Mapping[str, Any]
_NOTHING = "–"


def html(title: str, data: pl.DataFrame, columns: Mapping[str, Config], rows: int) -> str:
    """`data` as a table, `rows` high at most; `columns` is name → configuration, in order.

    Of kinds there are text, number, progress, area chart, checkbox and datetime; another one is a KeyError.
    """
    heads = "".join(
        f'<th scope="col"{_aligned(config)}>{escape(config["label"])}</th>' for config in columns.values()
    )
    body = "".join(
        f"<tr>{''.join(cell(row[name], config) for name, config in columns.items())}</tr>"
        for row in data.select(list(columns)).iter_rows(named=True)
    )
    return (
        f'<div class="bb-table" role="region" tabindex="0" aria-label="{escape(title)}"'
        f' style="--rows:{min(rows, data.height)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def cell(value: object, config: Config) -> str:
    """One `<td>`, as its configuration has it; a dash for None."""
    write = _WRITTEN[config["type_config"]["type"]]
    written = _NOTHING if value is None else write(value, config["type_config"])
    return f"<td{_aligned(config)}>{written}</td>"


def _aligned(config: Config) -> str:
    """Numbers end where the column does; a text is cut at its configured width, unless there is room."""
    if config["type_config"]["type"] in {"number", "progress"}:
        return ' class="bb-number"'
    return f' style="max-width:{config["width"]}px"' if isinstance(config.get("width"), int) else ""


def _text(value: Any, _: Config) -> str:
    shown = escape(str(value))
    return f'<span title="{shown}">{shown}</span>'


def _number(value: Any, config: Config) -> str:
    forms = {"percent": numbers.percent, "%.1f": numbers.tenth, "%.2f": numbers.hundredth}
    write = forms.get(config["format"], numbers.decimal)
    return write(value)


def _progress(value: Any, config: Config) -> str:
    share = numbers.ratio(float(value), float(config["max_value"]))
    return f'{_number(value, config)}<i aria-hidden="true" style="--share:{100 * share:.1f}%"></i>'


def _moment(value: Any, config: Config) -> str:
    """By the tokens that Streamlit takes: `D MMM YYYY, HH:mm`."""
    return _TOKEN.sub(lambda token: format(value, _TOKENS[token[0]]), config["format"]).lstrip("0")


def _trend(value: Any, _: Config) -> str:
    return sparkline(list(value))


def _checked(value: Any, _: Config) -> str:
    return '<span aria-label="yes" role="img">✓</span>' if value else ""


_TOKENS = {"YYYY": "%Y", "MMM": "%b", "D": "%d", "HH": "%H", "mm": "%M"}
_TOKEN = re.compile("|".join(_TOKENS))
_WRITTEN: dict[str, Callable[[Any, Config], str]] = {
    "text": _text,
    "number": _number,
    "progress": _progress,
    "area_chart": _trend,
    "checkbox": _checked,
    "datetime": _moment,
}
