"""Where: countries by how much is played in them."""

from __future__ import annotations

import polars as pl

from streamlit_app.marks import ZERO, Spec, framed, named, tip
from streamlit_app.palette import GROUND, LAND, SEQUENCE

_SHAPES: Spec = {
    "url": "/app/static/world-110m.json",
    "format": {"type": "topojson", "feature": "countries"},
}
# Signals, not numbers: a specification that stays the same is drawn on, not anew, when the data change.
_LEGEND: Spec = {
    "orient": "bottom-left",
    "direction": "horizontal",
    "format": "~s",
    "gradientLength": 120,
    "gradientThickness": 7,
    "values": {"signal": "domain('color')"},
    "labelExpr": ZERO,
}


def world_map(countries: pl.DataFrame, titles: dict[str, str], height: int = 292) -> Spec:
    """A map coloured by the first of `titles` (column → its name; all are in the tooltip).

    `countries` has numeric_code, country_name and those columns; the specification brings it along.
    """
    measure, *_ = titles
    shape = {"type": "geoshape", "stroke": GROUND, "strokeWidth": 0.5}
    rows = {"data": {"name": "countries"}, "key": "numeric_code", "fields": [*titles, "country_name"]}
    scale = {"type": "sqrt", "zero": True, "range": list(SEQUENCE)}
    amounts = [tip(column, title, ",") for column, title in titles.items()]
    played = {
        "transform": [{"filter": f"isValid(datum.{measure})"}],
        "mark": shape,
        "encoding": {
            "color": {"field": measure, "type": "quantitative", "legend": _LEGEND, "scale": scale},
            "tooltip": [named("country_name", "Country"), *amounts],
        },
    }
    return framed(
        height,
        data=_SHAPES,
        datasets={"countries": countries.select("numeric_code", "country_name", *titles)},
        projection={"type": "equalEarth"},
        # Antarctica has no listeners and would take a fifth of the picture.
        transform=[{"filter": "datum.id != '010'"}, {"lookup": "id", "from": rows}],
        layer=[{"mark": {**shape, "fill": LAND, "aria": False}}, played],
    )
