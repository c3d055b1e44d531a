"""`python -m infra.world_shapes countries-110m.json`: the world as the map draws it, in streamlit_app/static.

Countries come from `world-atlas` (TopoJSON, degrees). They are laid on the Equal Earth projection and a grid
of whole numbers here, once, where each browser would otherwise do it each time the map is drawn: that was
most of what the map cost. Antarctica has no listeners and would take a fifth of the picture.
"""

from __future__ import annotations

import json
import sys
from itertools import accumulate, groupby, pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "streamlit_app" / "static" / "world.json"
WIDTH = 1800  # of the grid: twice the pixels of the widest map
_ANTARCTICA = "010"
_A = (
    1.340264,
    -0.081106,
    0.000893,
    0.003796,
)  # of Šavrič, Patterson and Jenny, "The Equal Earth map projection"
HALF = 180  # degrees from Greenwich
Point = tuple[float, float]


def main() -> None:
    """Read the atlas, write the shapes, say how large they are."""
    atlas = json.loads(Path(sys.argv[1]).read_text())
    shapes = projected(atlas)
    TARGET.write_text(json.dumps(shapes, separators=(",", ":")))
    sys.stderr.write(
        f"{TARGET.name}: {shapes['bbox'][2]} by {shapes['bbox'][3]}, {TARGET.stat().st_size} bytes\n"
    )


def projected(atlas: dict[str, Any]) -> dict[str, Any]:
    """The same topology on the grid, y downwards from 0, with `id` and `name` of each country."""
    arcs = [_degrees(atlas, arc) for arc in range(len(atlas["arcs"]))]
    found = atlas["objects"]["countries"]["geometries"]
    countries = [_cut(each, arcs) for each in found if each.get("id") != _ANTARCTICA]
    used = sorted({arc if arc >= 0 else ~arc for each in countries for arc in _flat(each["arcs"])})
    place = {arc: new for new, arc in enumerate(used)}
    drawn = [[equal_earth(*point) for point in arcs[arc]] for arc in used]
    left, right = min(x for arc in drawn for x, _ in arc), max(x for arc in drawn for x, _ in arc)
    top, scale = max(y for arc in drawn for _, y in arc), WIDTH / (right - left)
    grid = [[(round((x - left) * scale), round((top - y) * scale)) for x, y in arc] for arc in drawn]
    return {
        "type": "Topology",
        "bbox": [0, 0, WIDTH, max(y for arc in grid for _, y in arc)],
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "objects": {
            "countries": {
                "type": "GeometryCollection",
                "geometries": [each | {"arcs": _renamed(each["arcs"], place)} for each in countries],
            }
        },
        "arcs": [_steps(arc) for arc in grid],
    }


def _cut(country: dict[str, Any], arcs: list[list[Point]]) -> dict[str, Any]:
    """Whoever lies on both sides of the 180th meridian (Russia, Fiji) is cut there, into arcs of its own."""
    polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
    told = {"type": "MultiPolygon", "id": country.get("id"), "properties": country["properties"]}
    if not any(
        abs(x - before) > HALF for arc in _flat(polygons) for (before, _), (x, _) in pairwise(_of(arcs, arc))
    ):
        return told | {"arcs": polygons}
    pieces = []
    for outer, *holes in polygons:  # no lake lies on that meridian
        for piece in pieces_of([point for arc in outer for point in _of(arcs, arc)]):
            arcs.append(piece)
            pieces.append([[len(arcs) - 1], *holes])
    return told | {"arcs": pieces}


def pieces_of(ring: list[Point]) -> list[list[Point]]:
    """A closed ring (degrees) as one on each side of the 180th meridian that it lies on."""
    whole = ring[:1]
    for x, y in ring[1:]:
        last = whole[-1][0]
        whole.append((x - 2 * HALF * round((x - last) / (2 * HALF)), y))  # as if longitudes went on
    found = []
    for turn in (-2 * HALF, 0, 2 * HALF):
        kept = _clipped(_clipped(whole, turn - HALF, 1), turn + HALF, -1)
        if len({x for x, _ in kept}) > 1:
            closed = kept if kept[0] == kept[-1] else [*kept, kept[0]]
            found.append([(x - turn, y) for x, y in closed])
    return found


def _clipped(ring: list[Point], edge: float, side: int) -> list[Point]:
    """What of a ring is east (side 1) or west (-1) of a meridian, with the points where it comes across."""
    kept: list[Point] = []
    for (ax, ay), (bx, by) in pairwise(ring):
        is_in, will_be = side * (ax - edge) >= 0, side * (bx - edge) >= 0
        if is_in:
            kept.append((ax, ay))
        if is_in != will_be:
            kept.append((edge, ay + (by - ay) * (edge - ax) / (bx - ax)))
    return [*kept, kept[0]] if kept else []


def _of(arcs: list[list[Point]], arc: int) -> list[Point]:
    return arcs[arc] if arc >= 0 else arcs[~arc][::-1]


def equal_earth(longitude: float, latitude: float) -> Point:
    """Where a place (degrees) is on the Equal Earth projection, y upwards."""
    theta = asin(sqrt(3) / 2 * sin(radians(latitude)))
    a1, a2, a3, a4 = _A
    squared, sixth = theta**2, theta**6
    slope = a1 + 3 * a2 * squared + sixth * (7 * a3 + 9 * a4 * squared)
    x = 2 / 3 * sqrt(3) * radians(longitude) * cos(theta) / slope
    return x, theta * (a1 + a2 * squared + sixth * (a3 + a4 * squared))


def _degrees(atlas: dict[str, Any], arc: int) -> list[Point]:
    """An arc of the atlas, whose points are steps from the one before."""
    (by_x, by_y), (from_x, from_y) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    places = accumulate(atlas["arcs"][arc], lambda before, step: (before[0] + step[0], before[1] + step[1]))
    return [(x * by_x + from_x, y * by_y + from_y) for x, y in places]


def _steps(arc: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The first point, then steps; points that fell together are one, but an arc keeps both its ends."""
    kept = [point for point, _ in groupby(arc)]
    kept = kept if len(kept) > 1 else kept * 2
    return [kept[0], *((x - before_x, y - before_y) for (before_x, before_y), (x, y) in pairwise(kept))]


def _flat(arcs: list[Any]) -> list[int]:
    return [arc for each in arcs for arc in (_flat(each) if isinstance(each, list) else [each])]


def _renamed(arcs: list[Any], place: dict[int, int]) -> list[Any]:
    """The same nesting with the arcs' new numbers; ~n is arc n backwards."""
    return [
        _renamed(arc, place) if isinstance(arc, list) else place[arc] if arc >= 0 else ~place[~arc]
        for arc in arcs
    ]


if __name__ == "__main__":
    main()
