"""A table as HTML: a browser draws it at once, where a grid of its own takes a tenth of a second.

Columns are told by Streamlit's own column configurations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from html import escape
from typing import Any

import polars as pl

from streamlit_app import numbers
from streamlit_app.kpis import sparkline

Config = Mapping[str, Any]
_NOTHING = "–"
_NUMBERS = {"number", "progress"}
_PLACES = re.compile(r"%\.(\d)f")
_CUT = 6  # columns whose width the style sheet knows
MOST, FEWEST = 360, 20  # cells at once (more take a browser as long as a chart), rows at least


def html(title: str, data: pl.DataFrame, columns: Mapping[str, Config], rows: int) -> str:
    """`data` as a table, `rows` high at most; `columns` is name → configuration, in order.

    Of kinds there are text, number, progress, area chart, checkbox, date and datetime; another one is a
    KeyError. The browser sorts (page.html), by `data-n` and `data-v` where what is written does not sort.
    """
    heads = "".join(_head(config) for config in columns.values())
    body = "".join(
        f"<tr>{''.join(cell(row[name], config) for name, config in columns.items())}</tr>"
        for row in data.iter_rows(named=True)
    )
    return (
        f'<div class="bb-table" role="region" tabindex="0" aria-label="{escape(title)}"'
        f' style="--rows:{min(rows, data.height)}{_widths(columns)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _head(config: Config) -> str:
    """A column's head is a button: the keyboard sorts, too."""
    told = f' title="{escape(config["help"])}"' if config.get("help") else ""
    kind = ' class="bb-number"' if _kind(config) in _NUMBERS else ""
    label = escape(config["label"])
    shown = label if _kind(config) == "area_chart" else f'<button class="bb-sort">{label}</button>'
    return f'<th scope="col"{kind}{told}>{shown}</th>'


def _widths(columns: Mapping[str, Config]) -> str:
    """Texts are cut at their configured width: told once, for attributes of cells cost the browser time."""
    return "".join(
        f";--w{place}:{config['width']}px"
        for place, config in enumerate(list(columns.values())[:_CUT], 1)
        if _kind(config) == "text" and isinstance(config.get("width"), int)
    )


def cell(value: object, config: Config) -> str:
    """One `<td>`, as its configuration has it; a dash for None."""
    written = _NOTHING if value is None else _WRITTEN[_kind(config)](value, config.get("type_config") or {})
    return f"<td{_sorted(value, _kind(config))}>{written}</td>"


def _sorted(value: Any, kind: str) -> str:
    """What a cell is sorted by, where its writing does not sort; of nothing it is empty, and comes last.

    Numbers are `data-n`, by which the style sheet knows them, too.
    """
    if kind in _NUMBERS:
        return f' data-n="{"" if value is None else format(float(value), "g")}"'
    return f' data-v="{value.isoformat()}"' if isinstance(value, date) else ""


def _kind(config: Config) -> str:
    """A configuration that names no kind is of text."""
    return str((config.get("type_config") or {"type": "text"})["type"])


def _text(value: Any, _: Config) -> str:
    return escape(str(value))


def _number(value: Any, config: Config) -> str:
    """By a format as Streamlit takes it (percent, localized, %.2f), in the language of the viewer."""
    form = config["format"] or ""
    if form == "percent":
        return numbers.percent(value)
    places = _PLACES.fullmatch(form)
    return numbers.fixed(value, int(places[1])) if places else numbers.decimal(value)


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
    "date": _moment,
}
