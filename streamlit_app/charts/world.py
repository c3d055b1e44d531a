"""Where: countries by how much is played in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streamlit_app.marks import ZERO, Spec, framed, named, tip
from streamlit_app.palette import GROUND, LAND, SEQUENCE


def world_map(countries: Sequence[dict[str, Any]], height: int = 292) -> Spec:
    """A map coloured by plays; `countries` are rows of numeric_code, country_name, plays, listeners."""
    shape = {"type": "geoshape", "stroke": GROUND, "strokeWidth": 0.5}
    most = max((row["plays"] for row in countries), default=0)
    legend = {
        "orient": "bottom-left",
        "direction": "horizontal",
        "format": "~s",
        "gradientLength": 120,
        "gradientThickness": 7,
        "values": [0, most],
        "labelExpr": ZERO,
    }
    scale = {"type": "sqrt", "domain": [0, most], "range": list(SEQUENCE)}
    fields = ["plays", "listeners", "country_name"]
    rows = {"data": {"values": list(countries)}, "key": "numeric_code", "fields": fields}
    played = {
        "transform": [{"filter": "isValid(datum.plays)"}],
        "mark": shape,
        "encoding": {
            "color": {"field": "plays", "type": "quantitative", "legend": legend, "scale": scale},
            "tooltip": [
                named("country_name", "Country"),
                tip("plays", "Plays", ","),
                tip("listeners", "Listeners", ","),
            ],
        },
    }
    return framed(
        height,
        data={"url": "/app/static/world-110m.json", "format": {"type": "topojson", "feature": "countries"}},
        projection={"type": "equalEarth"},
        # Antarctica has no listeners and would take a fifth of the picture.
        transform=[{"filter": "datum.id != '010'"}, {"lookup": "id", "from": rows}],
        layer=[{"mark": {**shape, "fill": LAND, "aria": False}}, played],
    )
