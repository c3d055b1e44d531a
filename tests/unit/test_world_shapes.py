"""The map's shapes: places on the projection, an atlas of squares on the grid, the file that is served."""

from __future__ import annotations

import json
from math import cos, radians

import pytest

from infra.world_shapes import TARGET, WIDTH, equal_earth, pieces_of, projected
from streamlit_app.charts import world

SQUARE = [[0, 0], [10, 0], [0, 10], [-10, 0], [0, -10]]  # steps of ten degrees, closed
ATLAS = {
    "transform": {"scale": [1, 1], "translate": [-5, -5]},
    "objects": {
        "countries": {
            "geometries": [
                {"type": "Polygon", "id": "001", "properties": {"name": "Here"}, "arcs": [[0]]},
                {"type": "Polygon", "id": "010", "properties": {"name": "Antarctica"}, "arcs": [[1]]},
                {"type": "MultiPolygon", "id": "002", "properties": {"name": "There"}, "arcs": [[[~2]]]},
            ]
        }
    },
    "arcs": [SQUARE, [[0, -80], *SQUARE[1:]], [[40, 0], *SQUARE[1:]]],
}


@pytest.mark.parametrize(
    ("place", "x", "y"),
    [
        ((0, 0), 0, 0),
        ((180, 0), 2.7066, 0),
        ((-180, 0), -2.7066, 0),
        ((0, 90), 0, 1.3173),
    ],
)
def test_places_are_where_equal_earth_has_them(place: tuple[float, float], x: float, y: float) -> None:
    assert equal_earth(*place) == pytest.approx((x, y), abs=2e-4)


@pytest.mark.parametrize("latitude", [0, 20, 45, 70, 85])
def test_areas_are_kept(latitude: int) -> None:
    (x, _), (_, low), (_, high) = (
        equal_earth(1, latitude),
        equal_earth(0, latitude - 0.01),
        equal_earth(0, latitude + 0.01),
    )
    assert x * (high - low) == pytest.approx(radians(1) * radians(0.02) * cos(radians(latitude)), rel=1e-5)


def test_an_atlas_is_laid_on_the_grid_without_antarctica() -> None:
    shapes = projected(ATLAS)
    assert [each["id"] for each in shapes["objects"]["countries"]["geometries"]] == ["001", "002"]
    assert [each["arcs"] for each in shapes["objects"]["countries"]["geometries"]] == [[[[0]]], [[[~1]]]]
    assert [len(arc) for arc in shapes["arcs"]] == [5, 5]
    for arc in shapes["arcs"]:
        assert [sum(step[axis] for step in arc[1:]) for axis in (0, 1)] == [0, 0]
    assert shapes["bbox"][2] == WIDTH


def test_a_ring_on_the_180th_meridian_is_cut_there() -> None:
    ring = [(170.0, 0.0), (-170.0, 0.0), (-170.0, 10.0), (170.0, 10.0), (170.0, 0.0)]
    assert sorted(sorted(set(piece)) for piece in pieces_of(ring)) == [
        [(-180.0, 0.0), (-180.0, 10.0), (-170.0, 0.0), (-170.0, 10.0)],
        [(170.0, 0.0), (170.0, 10.0), (180.0, 0.0), (180.0, 10.0)],
    ]
    beside = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 0.0)]
    assert [set(piece) for piece in pieces_of(beside)] == [set(beside)]


def test_the_served_shapes_are_those_the_chart_fits() -> None:
    shapes = json.loads(TARGET.read_text())
    assert shapes["bbox"] == [0, 0, world.WIDTH, world.HEIGHT]
    countries = shapes["objects"]["countries"]["geometries"]
    assert len(countries) == 176
    assert all(each["properties"]["name"] for each in countries)
    assert TARGET.stat().st_size < 80_000
