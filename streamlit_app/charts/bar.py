"""Amounts by name, longest first."""

from __future__ import annotations

from streamlit_app.marks import LABEL, Spec, framed, named, tip
from streamlit_app.palette import ACCENT, MUTED


def bars(label: str, value: str, title: str, *, form: str = ",", room: int = 150) -> Spec:
    """A horizontal bar per row in the data's order, its number at the end; labels get `room` pixels."""
    number: Spec = {"field": value, "type": "quantitative"}
    bar: Spec = {"type": "bar", "cornerRadiusEnd": 4, "height": {"band": 0.62}, "color": ACCENT}
    written: Spec = {"type": "text", "align": "left", "dx": 6, "color": MUTED, "fontSize": 11}
    return framed(
        330,
        left=room + 10,
        right=52,
        top=2,
        bottom=2,
        encoding={
            "y": {
                "field": label,
                "type": "nominal",
                "sort": None,
                "title": None,
                "axis": {**LABEL, "labelLimit": room},
            },
            "x": number | {"axis": None, "scale": {"zero": True}, "stack": None},
            "tooltip": [named(label), tip(value, title, form)],
        },
        layer=[
            {"mark": bar},
            {"mark": written, "encoding": {"text": {**number, "format": form}}},
        ],
    )
