"""When in the week: weekday by hour."""

from __future__ import annotations

from streamlit_app.marks import Spec, framed, named, tip
from streamlit_app.palette import PANEL, SEQUENCE

_WEEKDAY = "['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][datum.{}]"


def heat_map(height: int) -> Spec:
    """`plays` by `hour` (0–23) and `weekday` (1 = Monday)."""
    every_third = "datum.value % 3 == 0 ? datum.label : ''"
    hours: Spec = {"labelAngle": 0, "labelExpr": every_third, "labelOverlap": False}
    days: Spec = {"labelExpr": _WEEKDAY.format("value")}
    return framed(
        height,
        left=38,
        bottom=22,
        transform=[{"calculate": _WEEKDAY.format("weekday"), "as": "name"}],
        mark={"type": "rect", "cornerRadius": 3, "stroke": PANEL, "strokeWidth": 2},
        encoding={
            "x": {"field": "hour", "type": "ordinal", "title": None, "axis": hours},
            "y": {"field": "weekday", "type": "ordinal", "title": None, "axis": days},
            "color": {
                "field": "plays",
                "type": "quantitative",
                "legend": None,
                "scale": {"range": ["#181c26", *SEQUENCE]},
            },
            "tooltip": [named("name", "Day"), tip("hour", "Hour"), tip("plays", "Plays", ",")],
        },
    )
