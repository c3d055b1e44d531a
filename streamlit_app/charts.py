"""Vega-Lite specifications as plain dicts: a validated chart object costs the server about 100 ms a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streamlit_app.marks import LABEL, ZERO, Spec, amount, colour, framed, moment, named, time_axis, tip
from streamlit_app.palette import ACCENT, GROUND, LAND, LINE, MUTED, PANEL, SECOND, SEQUENCE

_WEEKDAY = "['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][datum.{}]"


def stacked(group: str, value: str, order: Sequence[str], grain: str, height: int = 300) -> Spec:
    """`value` over `bucket`, stacked by `group` in the given order."""
    return framed(
        height,
        mark={
            "type": "area",
            "interpolate": "monotone",
            "opacity": 0.92,
            "stroke": PANEL,
            "strokeWidth": 0.8,
        },
        encoding={
            "x": time_axis("bucket"),
            "y": amount(value, stack="zero"),
            "color": colour(group, order),
            "order": {"field": "place", "type": "quantitative"},
            "tooltip": [moment("bucket", grain), named(group), tip(value, "Plays", ",")],
        },
    )


def lines(group: str, value: str, order: Sequence[str], grain: str, *, is_rate: bool = False) -> Spec:
    """`value` over `bucket`: a line per `group`, or a filled one when there is only one."""
    line: Spec = {"type": "line", "interpolate": "monotone", "strokeWidth": 2.2, "color": ACCENT}
    encoding: Spec = {
        "x": time_axis("bucket"),
        "y": amount(value, ".0%" if is_rate else "~s", stack=None, scale={"zero": True, "nice": True}),
        "tooltip": [
            moment("bucket", grain),
            named(group),
            tip(value, "Value", ".1%" if is_rate else ",.1~f"),
        ],
    }
    if len(order) == 1:
        fill: Spec = {"type": "area", "interpolate": "monotone", "color": ACCENT, "opacity": 0.14}
        return framed(280, layer=[{"mark": fill}, {"mark": line}], encoding=encoding)
    return framed(280, mark=line, encoding={**encoding, "color": colour(group, order)})


def bars(label: str, value: str, title: str, *, form: str = ",", room: int = 150) -> Spec:
    """A horizontal bar per row in the data's order, its number at the end; labels get `room` pixels."""
    number: Spec = {"field": value, "type": "quantitative"}
    bar: Spec = {"type": "bar", "cornerRadiusEnd": 4, "height": {"band": 0.62}, "color": ACCENT}
    written: Spec = {"type": "text", "align": "left", "dx": 6, "color": MUTED, "fontSize": 11}
    return framed(
        330,
        padding={"left": 2, "right": 46, "top": 2, "bottom": 2},
        encoding={
            "y": {
                "field": label,
                "type": "nominal",
                "sort": None,
                "title": None,
                "axis": {**LABEL, "labelLimit": room},
            },
            "x": number | {"axis": None, "scale": {"zero": True}},
            "tooltip": [named(label), tip(value, title, form)],
        },
        layer=[
            {"mark": bar},
            {"mark": written, "encoding": {"text": {**number, "format": form}}},
        ],
    )


def columns_over_time(value: str, title: str, height: int, *, has_years: bool = False) -> Spec:
    """A column from each `start` to its `finish`; the axis says years when months would repeat."""
    return framed(
        height,
        mark={"type": "rect", "color": ACCENT, "stroke": PANEL, "strokeWidth": 0.8},
        encoding={
            "x": time_axis("start", "%b %Y" if has_years else "%-d %b"),
            "x2": {"field": "finish"},
            "y": amount(value),
            "y2": {"datum": 0},
            "tooltip": [moment("start", "day"), tip(value, title, ",")],
        },
    )


def heat_map(height: int) -> Spec:
    """`plays` by `hour` (0–23) and `weekday` (1 = Monday)."""
    every_third = "datum.value % 3 == 0 ? datum.label : ''"
    hours: Spec = {"labelAngle": 0, "labelExpr": every_third, "labelOverlap": False}
    days: Spec = {"labelExpr": _WEEKDAY.format("value")}
    return framed(
        height,
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
            "tooltip": [named("name", "Day"), tip("hour", "Hour (UTC)"), tip("plays", "Plays", ",")],
        },
    )


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
        layer=[{"mark": {**shape, "fill": LAND}}, played],
    )


def rank_paths(order: Sequence[str], grain: str, height: int) -> Spec:
    """`rank` (1 on top) of each `song` over `bucket`."""
    ranks = {"values": list(range(1, 11)), "grid": True, "gridColor": LAND}
    place: Spec = {"field": "rank", "type": "quantitative", "title": None, "axis": ranks}
    return framed(
        height,
        encoding={
            "x": time_axis("bucket", "%H:%M" if grain == "hour" else "%-d %b"),
            "y": place | {"scale": {"domain": [1, 10], "reverse": True}},
            "color": colour("song", order, columns=1),
            "tooltip": [moment("bucket", grain), named("song", "Song"), tip("rank", "Rank")],
        },
        layer=[
            {"mark": {"type": "line", "interpolate": "monotone", "strokeWidth": 2.2}},
            {"mark": {"type": "point", "filled": True, "size": 46, "opacity": 1}},
        ],
    )


def capped_and_not(height: int) -> Spec:
    """Listen-through per country: a dot capped at the episode's length, a ring uncapped, a rule between."""
    capped = amount("listen_through_rate_capped", ".0%", scale={"zero": False})
    uncapped = amount("listen_through_rate", ".0%", scale={"zero": False})
    dot = {"type": "point", "filled": True, "size": 90, "color": ACCENT, "opacity": 1}
    ring = {"type": "point", "size": 90, "strokeWidth": 2, "color": SECOND}
    axis = {**LABEL, "labelLimit": 140}
    return framed(
        height,
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
