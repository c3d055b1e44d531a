"""What the charts share: the look, axes of time and amount, colours, tooltips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streamlit_app import browser
from streamlit_app.palette import ACCENT, CATEGORIES, LINE, MUTED, PANEL, TEXT

Spec = dict[str, Any]

ZERO = "datum.value == 0 ? '0' : datum.label"  # the shared unit of an axis would make it 0k
LABEL: Spec = {"labelColor": TEXT, "labelFontSize": 12}
# Room for axes and legends is given, not measured: measuring it draws every chart twice.
_GIVEN: Spec = {"type": "none", "contains": "padding"}
_AXIS, _LEGEND_ROW = 26, 17
_CONFIG: Spec = {
    "background": PANEL,  # without one, light writing on nothing: a PNG nobody can read on white
    "mark": {
        "aria": False
    },  # a sentence for each mark is slow to make; the chart has one, and a table of its own
    "font": "Inter, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "labelFontSize": 11,
        "labelPadding": 8,
        "gridColor": LINE,
        "domain": False,
        "ticks": False,
        "title": None,
    },
    "axisX": {"grid": False, "labelOverlap": True, "labelSeparation": 8, "labelFlush": True},
    "legend": {
        "labelColor": TEXT,
        "labelFontSize": 11,
        "symbolType": "circle",
        "symbolSize": 110,
        "title": None,
        "offset": 10,
    },
}
_LEGEND_COLUMNS: Spec = {"signal": "width < 440 ? 2 : 4"}
_DAY, _HOUR = "%a %-d %b %Y", "%a %-d %b, %H:%M"


def framed(
    height: int, *, left: int = 46, right: int = 8, top: int = 6, bottom: int = _AXIS, **parts: object
) -> Spec:
    """A chart of that many pixels in the app's look, its numbers written as the viewer writes them.

    `left` to `bottom` are the pixels round the marks, where axes and legends stand.
    """
    form = browser.number_format()
    config = {**_CONFIG, "locale": {"number": form}} if form else _CONFIG
    room = {"left": left, "right": right, "top": top, "bottom": bottom}
    return {"height": height, "autosize": _GIVEN, "padding": room, "config": config, **parts}


def below(names: int, columns: int = 2) -> int:
    """Pixels below the marks: an axis, and a legend of so many names, which a phone puts into `columns`.

    One name has no legend.
    """
    return _AXIS + (14 + _LEGEND_ROW * -(-names // columns) if names > 1 else 0)


def time_axis(field: str, form: str = "%-d %b", **more: object) -> Spec:
    """Days have no zone and stay what they are; moments have one (`browser.clock`), the viewer's.

    Both on a scale of local time: what comes without a zone is to the browser a time of its own clock.
    """
    # A label nearer to an end than half its width would be cut off: it is set against its tick.
    axis = {"format": form, "tickCount": {"signal": "width < 440 ? 4 : 8"}, "labelFlush": 18}
    return {"field": field, "type": "temporal", "axis": axis, "title": None, **more}


def amount(field: str, form: str = "~s", **more: object) -> Spec:
    """A number on an axis with few ticks."""
    axis = {"format": form, "tickCount": 4, "labelExpr": ZERO}
    return {"field": field, "type": "quantitative", "title": None, "axis": axis, **more}


def tip(field: str, title: str, form: str | None = None, kind: str = "quantitative") -> Spec:
    """One line of a tooltip."""
    line: Spec = {"field": field, "type": kind, "title": title}
    return {**line, "format": form} if form else line


def named(field: str, title: str = "Of") -> Spec:
    """A tooltip line that says whose number it is."""
    return tip(field, title, kind="nominal")


def moment(field: str, grain: str) -> Spec:
    """A tooltip line that says when: the time of an hour or minute, else the day."""
    is_moment = grain in ("hour", "minute")
    title = f"Time ({browser.zone_name()})" if is_moment else "Day"
    return tip(field, title, _HOUR if is_moment else _DAY, "temporal")


def nearest() -> Spec:
    """A layer whose point nearest to the pointer lights up: nobody can aim at a line of two pixels."""
    near = {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout"}
    lit = {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0}
    return {
        "params": [{"name": "near", "select": near}],
        "mark": {"type": "point", "filled": True, "size": 60, "color": ACCENT},
        "encoding": {"opacity": lit},
    }


def colour(field: str, order: Sequence[str], *, columns: object = _LEGEND_COLUMNS) -> Spec:
    """Colours in the data's order; what is called Other is grey."""
    hues = [CATEGORIES[-1] if name == "Other" else CATEGORIES[place] for place, name in enumerate(order)]
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": list(order), "range": hues},
        "legend": {"orient": "bottom", "columns": columns, "labelLimit": 220},
    }
