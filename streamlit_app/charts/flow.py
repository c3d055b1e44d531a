"""Who came and who went."""

from __future__ import annotations

from streamlit_app.marks import Spec, amount, framed, moment, time_axis, tip
from streamlit_app.palette import ACCENT, CATEGORIES, LINE, PANEL


def came_and_went(height: int) -> Spec:
    """`came` above the line and `went` below it, from each `start` to its `finish`."""
    column: Spec = {"type": "rect", "stroke": PANEL, "strokeWidth": 1}
    both: Spec = {"x": time_axis("start"), "x2": {"field": "finish"}, "y2": {"datum": 0}}
    return framed(
        height,
        transform=[{"calculate": "-datum.went", "as": "below"}],
        encoding={
            "tooltip": [
                moment("start", "day"),
                tip("came", "Began to pay", ","),
                tip("went", "Stopped paying", ","),
                tip("stay", "Pay at the end", ","),
                tip("churn_rate", "Churn", ".1%"),
            ]
        },
        layer=[
            {"mark": {**column, "color": ACCENT}, "encoding": {**both, "y": amount("came")}},
            {"mark": {**column, "color": CATEGORIES[5]}, "encoding": {**both, "y": amount("below")}},
            {"mark": {"type": "rule", "color": LINE}, "encoding": {"y": {"datum": 0}}},
        ],
    )
