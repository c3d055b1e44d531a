"""Who stays: a row per cohort, a column per step since."""

from __future__ import annotations

from streamlit_app.marks import LABEL, Spec, framed, named, tip
from streamlit_app.palette import PANEL, SEQUENCE

_FORMS = {"day": "%-d %b", "week": "%-d %b", "month": "%b %Y"}


def cohorts(step: str, most: float, height: int) -> Spec:
    """`share` of each `cohort` by `age` (steps since), the share written into its cell.

    `most` is the largest share after the first step, which is all of them: the colours tell the others apart.
    """
    axis: Spec = {**LABEL, "labelFontSize": 11, "labelLimit": 110}
    ages: Spec = {
        "labelAngle": 0,
        "orient": "top",
        "title": f"{step.title()}s since",
        "titleFontWeight": "normal",
    }
    share: Spec = {"field": "share", "type": "quantitative"}
    scale = {"domain": [0, most or 1], "clamp": True, "range": ["#181c26", *SEQUENCE[:-1]]}
    written = {
        "condition": {"test": f"datum.share > {0.62 * (most or 1):.4f}", "value": "#1c1205"},
        "value": "#f4f1ff",
    }
    return framed(
        height,
        left=118,
        top=44,
        bottom=2,
        transform=[
            {
                "calculate": f"timeFormat(datum.cohort, '{_FORMS[step]}') + ' · ' + format(datum.size, ',')",
                "as": "label",
            }
        ],
        encoding={
            "x": {"field": "age", "type": "ordinal", "axis": {**ages, "titleColor": "#98a0b3"}},
            "y": {
                "field": "label",
                "type": "ordinal",
                "sort": {"field": "cohort"},
                "title": None,
                "axis": axis,
            },
            "tooltip": [
                named("label", "First active · users"),
                tip("age", f"{step.title()}s since"),
                tip("users", "Still active", ","),
                tip("share", "Share", ".1%"),
            ],
        },
        layer=[
            {
                "mark": {"type": "rect", "cornerRadius": 3, "stroke": PANEL, "strokeWidth": 2},
                "encoding": {"color": share | {"legend": None, "scale": scale}},
            },
            {
                "mark": {"type": "text", "fontSize": {"expr": "width < 440 ? 8 : 11"}},
                "encoding": {"text": share | {"format": ".0%"}, "color": written},
            },
        ],
    )
