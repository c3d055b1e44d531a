"""An amount per step of time."""

from __future__ import annotations

from streamlit_app.marks import Spec, amount, framed, moment, time_axis, tip
from streamlit_app.palette import ACCENT, PANEL


def columns_over_time(value: str, title: str, height: int, *, has_years: bool = False) -> Spec:
    """A column from each `start` to its `finish`; the axis says years when months would repeat."""
    return framed(
        height,
        mark={"type": "rect", "color": ACCENT, "stroke": PANEL, "strokeWidth": 0.8},
        encoding={
            "x": time_axis("start", "%b %Y" if has_years else "%-d %b"),
            "x2": {"field": "finish"},
            "y": amount(value),
            "y2": {"datum": 0},
            "tooltip": [moment("start", "day"), tip(value, title, ",")],
        },
    )
