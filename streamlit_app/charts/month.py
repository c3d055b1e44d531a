"""Amounts by the month."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit_app.marks import Spec, amount, below, colour, framed, named, tip
from streamlit_app.palette import ACCENT, PANEL, SECOND

_MONTHS: Spec = {
    "field": "month_name",
    "type": "ordinal",
    "sort": None,
    "title": None,
    "axis": {"labelAngle": 0, "labelOverlap": True},
}


def stacked_months(group: str, value: str, order: Sequence[str], title: str, height: int) -> Spec:
    """A column per `month_name`, in the data's order, a part per `group`; `place` says which lies below."""
    return framed(
        height,
        bottom=below(len(order)),
        mark={"type": "bar", "stroke": PANEL, "strokeWidth": 0.8},
        encoding={
            "x": _MONTHS,
            "y": amount(value, stack="zero"),
            "color": colour(group, order),
            "order": {"field": "place", "type": "quantitative"},
            "tooltip": [named("month_name", "Month"), named(group), tip(value, title, ",.2f")],
        },
    )


def paid_and_expected(height: int) -> Spec:
    """`paid` as a column per `month_name`, and a line across it where `expected` is."""
    told = [
        named("month_name", "Earned in"),
        tip("paid", "Paid", ",.2f"),
        tip("expected", "Expected", ",.2f"),
        tip("missing", "Missing", ",.2f"),
    ]
    tick: Spec = {"type": "tick", "color": SECOND, "thickness": 3, "bandSize": 26}
    return framed(
        height,
        encoding={"x": _MONTHS, "tooltip": told},
        layer=[
            {"mark": {"type": "bar", "color": ACCENT, "opacity": 0.85}, "encoding": {"y": amount("paid")}},
            {"mark": tick, "encoding": {"y": amount("expected")}},
        ],
    )
