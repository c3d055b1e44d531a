"""Where: countries by how much is played in them."""

from __future__ import annotations

import polars as pl

from streamlit_app.marks import ZERO, Spec, framed, named, tip
from streamlit_app.palette import GROUND, LAND, SEQUENCE

# Projected beforehand (infra/world_shapes.py), on a grid of so many steps: the browser only scales it.
_SHAPES: Spec = {"url": "/app/static/world.json", "format": {"type": "topojson", "feature": "countries"}}
WIDTH, HEIGHT = 1800, 790
_FITTED: Spec = {
    "type": "identity",
    "scale": {"expr": f"min(width / {WIDTH}, height / {HEIGHT})"},
    "translate": {
        "expr": f"[(width - {WIDTH} * min(width / {WIDTH}, height / {HEIGHT})) / 2,"
        f" (height - {HEIGHT} * min(width / {WIDTH}, height / {HEIGHT})) / 2]"
    },
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
    rows = {"data": {"name": "countries"}, "key": "numeric_code"}
    scale = {"type": "sqrt", "zero": True, "range": list(SEQUENCE)}
    amounts = [tip(column, title, ",") for column, title in titles.items()]
    played = {"test": f"datum.{measure} > 0", "field": measure, "type": "quantitative"}
    return framed(
        height,
        left=0,
        right=0,
        top=0,
        bottom=0,
        data=_SHAPES,
        datasets={"countries": countries.select("numeric_code", "country_name", *titles)},
        projection=_FITTED,
        transform=[
            {"lookup": "id", "from": rows | {"fields": ["country_name", *titles]}},
            *({"calculate": f"datum.{column} || 0", "as": column} for column in titles),
            {"calculate": "datum.country_name || datum.properties.name", "as": "country"},
        ],
        mark={"type": "geoshape", "stroke": GROUND, "strokeWidth": 0.5},
        encoding={
            "color": {"condition": played | {"legend": _LEGEND, "scale": scale}, "value": LAND},
            "tooltip": [named("country", "Country"), *amounts],
        },
    )
