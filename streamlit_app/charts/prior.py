"""Amounts over time beside those of the period before."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit_app.marks import Spec, amount, below, colour, framed, moment, named, nearest, time_axis, tip
from streamlit_app.palette import ACCENT

NOW, BEFORE = "This period", "The period before"


def lines_and_before(
    group: str, value: str, order: Sequence[str], grain: str, *, is_rate: bool = False
) -> Spec:
    """`value` over `bucket`, a line per `group`; dashed where `span` is `BEFORE`, laid over this period.

    `moment` is when it really was.
    """
    form, told = (".0%", ".1%") if is_rate else ("~s", ",.1~f")
    of_before = f"datum.span === '{BEFORE}'"
    dashes = {"domain": [NOW, BEFORE], "range": [[1, 0], [5, 4]]}
    legend = {"orient": "top", "offset": 4, "symbolType": "stroke", "symbolSize": 320, "symbolStrokeWidth": 2}
    several: Spec = {"color": colour(group, order)} if len(order) > 1 else {"color": {"value": ACCENT}}
    dashed = {
        "strokeDash": {"field": "span", "type": "nominal", "scale": dashes, "legend": legend},
        "opacity": {"condition": {"test": of_before, "value": 0.7}, "value": 1},
    }
    line = {"type": "line", "interpolate": "monotone", "strokeWidth": 2.2}
    return framed(
        280,
        top=30,
        bottom=below(len(order)),
        layer=[{"mark": line, "encoding": dashed}, nearest()],
        encoding={
            "x": time_axis("bucket"),
            "y": amount(value, form, stack=None, scale={"zero": True, "nice": True}),
            **several,
            "tooltip": [
                moment("moment", grain),
                named("span", "In"),
                named(group),
                tip(value, "Value", told),
            ],
        },
    )
