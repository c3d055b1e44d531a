"""How much came, against what was to be expected."""

from __future__ import annotations

from streamlit_app.marks import Spec, amount, below, framed, moment, named, time_axis, tip
from streamlit_app.palette import ACCENT, CATEGORIES, PANEL, SECOND, TEXT

_ODD = ("drop", "surge")


def volumes(grain: str, height: int) -> Spec:
    """`events` over `bucket`, `expected` as a dashed line, and a mark where `anomaly` says drop or surge."""
    seen: Spec = {"x": time_axis("bucket"), "y": amount("events", scale={"zero": True, "nice": True})}
    marks: Spec = {
        "field": "anomaly",
        "type": "nominal",
        "scale": {"domain": list(_ODD), "range": ["triangle-down", "triangle-up"]},
        "legend": {"orient": "bottom", "symbolType": None, "symbolFillColor": TEXT},
    }
    hues: Spec = marks | {"scale": {"domain": list(_ODD), "range": [CATEGORIES[5], SECOND]}}
    mark = {"type": "point", "filled": True, "size": 85, "opacity": 1, "stroke": PANEL, "strokeWidth": 1}
    expected = {"type": "line", "color": TEXT, "strokeWidth": 1.2, "strokeDash": [4, 3], "opacity": 0.7}
    told = [
        moment("bucket", grain),
        tip("events", "Events", ","),
        tip("expected", "Expected", ",.0f"),
        tip("rejected", "Rejected", ","),
        named("odd", "Odd"),
    ]
    return framed(
        height,
        bottom=below(len(_ODD)),
        encoding={"tooltip": told},
        layer=[
            {"mark": {"type": "area", "color": ACCENT, "opacity": 0.16}, "encoding": seen},
            {"mark": {"type": "line", "color": ACCENT, "strokeWidth": 1.5}, "encoding": seen},
            {
                "mark": expected,
                "encoding": seen | {"y": amount("expected")},
            },
            {
                "transform": [{"filter": "isValid(datum.anomaly)"}],
                "mark": mark,
                "encoding": seen | {"shape": marks, "color": hues},
            },
        ],
    )
