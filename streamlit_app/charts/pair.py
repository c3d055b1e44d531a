"""Two rates of one thing, and what lies between."""

from __future__ import annotations

from streamlit_app.marks import LABEL, Spec, amount, framed, named, tip
from streamlit_app.palette import ACCENT, LINE, SECOND


def capped_and_not(height: int) -> Spec:
    """Listen-through per country: a dot capped at the episode's length, a ring uncapped, a rule between."""
    capped = amount("listen_through_rate_capped", ".0%", scale={"zero": False})
    uncapped = amount("listen_through_rate", ".0%", scale={"zero": False})
    dot = {"type": "point", "filled": True, "size": 90, "color": ACCENT, "opacity": 1}
    ring = {"type": "point", "size": 90, "strokeWidth": 2, "color": SECOND}
    axis = {**LABEL, "labelLimit": 140}
    return framed(
        height,
        left=150,
        encoding={
            "y": {"field": "country_name", "type": "nominal", "sort": None, "title": None, "axis": axis},
            "tooltip": [
                named("country_name", "Country"),
                tip("listen_through_rate", "Uncapped", ".1%"),
                tip("listen_through_rate_capped", "Capped", ".1%"),
                tip("listens", "Listens", ","),
            ],
        },
        layer=[
            {
                "mark": {"type": "rule", "color": LINE, "strokeWidth": 3},
                "encoding": {"x": capped, "x2": {"field": "listen_through_rate"}},
            },
            {"mark": dot, "encoding": {"x": capped}},
            {"mark": ring, "encoding": {"x": uncapped}},
        ],
    )
