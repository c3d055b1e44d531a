"""The picture of a comparison: a dot for each model, its interval a line, ours in another colour and form."""

from __future__ import annotations

from streamlit_app.marks import LABEL, Spec, amount, framed, named, tip
from streamlit_app.palette import ACCENT, MUTED, SECOND


def intervals(height: int, title: str) -> Spec:
    """`value` from `low` to `high` of each `model`, in the data's order; `is_ours` stands out."""
    axis = {**LABEL, "labelLimit": 120}
    between = amount("low", ".2f", scale={"zero": False, "nice": True})
    ours = "datum.is_ours"
    return framed(
        height,
        left=130,
        encoding={
            "y": {"field": "model", "type": "nominal", "sort": None, "title": None, "axis": axis},
            "tooltip": [
                named("model", "Model"),
                tip("value", title, ".3f"),
                tip("low", "At least (95 %)", ".3f"),
                tip("high", "At most (95 %)", ".3f"),
            ],
        },
        layer=[
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "x": between,
                    "x2": {"field": "high"},
                    "color": {"condition": {"test": ours, "value": ACCENT}, "value": MUTED},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 95, "opacity": 1},
                "encoding": {
                    "x": amount("value", ".2f", scale={"zero": False, "nice": True}),
                    "color": {"condition": {"test": ours, "value": ACCENT}, "value": SECOND},
                    "shape": {"condition": {"test": ours, "value": "diamond"}, "value": "circle"},
                },
            },
        ],
    )
