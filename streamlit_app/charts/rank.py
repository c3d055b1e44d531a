"""Ranks over time."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit_app.marks import Spec, below, colour, framed, moment, named, time_axis, tip
from streamlit_app.palette import LAND


def rank_paths(order: Sequence[str], grain: str, height: int) -> Spec:
    """`rank` (1 on top) of each `song` over `bucket`."""
    ranks = {"values": list(range(1, 11)), "grid": True, "gridColor": LAND}
    place: Spec = {"field": "rank", "type": "quantitative", "title": None, "axis": ranks}
    return framed(
        height,
        left=26,
        bottom=below(len(order), columns=1),
        encoding={
            "x": time_axis("bucket", "%H:%M" if grain == "hour" else "%-d %b"),
            "y": place | {"scale": {"domain": [1, 10], "reverse": True}},
            "color": colour("song", order, columns=1),
            "tooltip": [moment("bucket", grain), named("song", "Song"), tip("rank", "Rank")],
        },
        layer=[
            {"mark": {"type": "line", "interpolate": "monotone", "strokeWidth": 2.2}},
            {"mark": {"type": "point", "filled": True, "size": 46, "opacity": 1}},
        ],
    )
