"""Amounts and rates over time, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit_app.marks import Spec, amount, below, colour, framed, moment, named, nearest, time_axis, tip
from streamlit_app.palette import ACCENT


def lines(group: str, value: str, order: Sequence[str], grain: str, *, is_rate: bool = False) -> Spec:
    """`value` over `bucket`: a line per `group`, or a filled one when there is only one."""
    line: Spec = {"type": "line", "interpolate": "monotone", "strokeWidth": 2.2, "color": ACCENT}
    encoding: Spec = {
        "x": time_axis("bucket"),
        "y": amount(value, ".0%" if is_rate else "~s", stack=None, scale={"zero": True, "nice": True}),
        "tooltip": [
            moment("bucket", grain),
            named(group),
            tip(value, "Value", ".1%" if is_rate else ",.1~f"),
        ],
    }
    if len(order) == 1:
        fill: Spec = {"type": "area", "interpolate": "monotone", "color": ACCENT, "opacity": 0.14}
        return framed(280, layer=[{"mark": fill}, {"mark": line}, nearest()], encoding=encoding)
    coloured = {**encoding, "color": colour(group, order)}
    return framed(280, bottom=below(len(order)), layer=[{"mark": line}, nearest()], encoding=coloured)
