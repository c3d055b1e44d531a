"""Amounts over time, one on top of the other."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit_app.marks import Spec, amount, below, colour, framed, moment, named, time_axis, tip
from streamlit_app.palette import PANEL


def stacked(group: str, value: str, order: Sequence[str], grain: str, height: int = 300) -> Spec:
    """`value` over `bucket`, stacked by `group` in the given order."""
    return framed(
        height,
        bottom=below(len(order)),
        mark={
            "type": "area",
            "interpolate": "monotone",
            "opacity": 0.92,
            "stroke": PANEL,
            "strokeWidth": 0.8,
        },
        encoding={
            "x": time_axis("bucket"),
            "y": amount(value, stack="zero"),
            "color": colour(group, order),
            "order": {"field": "place", "type": "quantitative"},
            "tooltip": [moment("bucket", grain), named(group), tip(value, "Plays", ",")],
        },
    )
