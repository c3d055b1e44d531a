"""The last hour, minute by minute."""

from __future__ import annotations

from streamlit_app.marks import Spec, amount, framed, moment, time_axis, tip
from streamlit_app.palette import ACCENT


def minutes(value: str, title: str, height: int) -> Spec:
    """`value` of each minute that begins at `bucket` and ends at `finish`."""
    return framed(
        height,
        mark={"type": "rect", "color": ACCENT, "x2Offset": -1.5, "cornerRadius": 1},
        encoding={
            "x": time_axis("bucket", "%H:%M"),
            "x2": {"field": "finish"},
            "y": amount(value, scale={"zero": True}),
            "y2": {"datum": 0},
            "tooltip": [moment("bucket", "minute"), tip(value, title, ",")],
        },
    )
