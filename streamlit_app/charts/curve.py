"""What accumulates over a life."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit_app.marks import Spec, amount, below, colour, framed, named, tip


def growing(order: Sequence[str], height: int) -> Spec:
    """`hours` by `week` of life (from 1): a line per `level`, in the given order."""
    weeks: Spec = {"grid": False, "tickMinStep": 1, "title": "Weeks of life", "titleColor": "#98a0b3"}
    return framed(
        height,
        bottom=below(len(order)) + 16,
        mark={"type": "line", "strokeWidth": 2.2, "interpolate": "monotone", "point": {"size": 26}},
        encoding={
            "x": {"field": "week", "type": "quantitative", "axis": weeks, "scale": {"nice": False}},
            "y": amount("hours", ",.3~f", scale={"zero": True, "nice": True}),
            "color": colour("level", order),
            "tooltip": [
                named("level", "Level"),
                tip("week", "Week of life"),
                tip("hours", "Hours per user so far", ",.1f"),
                tip("users", "Users", ","),
            ],
        },
    )
