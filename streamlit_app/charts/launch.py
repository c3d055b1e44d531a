"""What platforms say was streamed of releases: by the month, and in the first days of each."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit_app.charts.month import stacked_months
from streamlit_app.marks import Spec, amount, below, colour, framed, named, nearest, tip

_DAYS: Spec = {"grid": False, "values": [1, 7, 14, 21, 28], "title": "Day", "titleColor": "#98a0b3"}


def streamed_months(order: Sequence[str], height: int) -> Spec:
    """A column of `streams` per `month_name`, a part per `store_name`; whole numbers, not money."""
    spec = stacked_months("store_name", "streams", order, "Streams", height)
    told = [named("month_name", "Month"), named("store_name"), tip("streams", "Streams", ",")]
    return spec | {"encoding": {**spec["encoding"], "tooltip": told}}


def first_days(order: Sequence[str], height: int) -> Spec:
    """`streams` so far by `day` (from 1): a line per `release_name`, the first one bold."""
    wide: Spec = {"condition": {"test": {"field": "place", "equal": 1}, "value": 3.4}, "value": 1.6}
    return framed(
        height,
        bottom=below(len(order)) + 16,
        encoding={
            "x": {"field": "day", "type": "quantitative", "axis": _DAYS, "scale": {"nice": False}},
            "y": amount("streams", scale={"zero": True, "nice": True}),
            "color": colour("release_name", order),
            "tooltip": [named("release_name", "Release"), tip("day", "Day"), tip("streams", "Streams", ",")],
        },
        layer=[
            {"mark": {"type": "line", "interpolate": "monotone"}, "encoding": {"strokeWidth": wide}},
            nearest(),
        ],
    )
