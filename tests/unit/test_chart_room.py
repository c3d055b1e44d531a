"""Charts whose room is given, not measured: below the marks there is enough for the axis and every legend."""

from __future__ import annotations

import pytest

from streamlit_app import charts
from streamlit_app.charts import launch
from streamlit_app.marks import Spec, below

NAMES = [f"name {number}" for number in range(7)]
LEGENDS = {
    "stacked": charts.stacked("area", "plays", NAMES, "day"),
    "lines": charts.lines("area", "plays", NAMES, "day"),
    "lines and before": charts.lines_and_before("area", "plays", NAMES, "day"),
    "months": charts.stacked_months("store", "net", NAMES, "Net", 200),
    "streamed months": launch.streamed_months(NAMES, 200),
    "ranks": charts.rank_paths(NAMES, "day", 200),
    "growing": charts.growing(NAMES, 200),
    "first days": launch.first_days(NAMES, 200),
}
TITLED = {"growing", "first days"}  # their axis has a name of its own


@pytest.mark.parametrize("kind", LEGENDS)
def test_a_legend_has_its_lines_on_a_phone(kind: str) -> None:
    spec: Spec = LEGENDS[kind]
    columns = 1 if kind == "ranks" else 2
    needed = below(len(NAMES), columns) + (16 if kind in TITLED else 0)
    assert spec["padding"]["bottom"] >= needed
    assert spec["autosize"]["type"] == "none"


def test_one_name_needs_no_legend() -> None:
    assert below(1) < below(2) < below(3) == below(4)
    assert charts.lines("area", "plays", NAMES[:1], "day")["padding"]["bottom"] == below(1)
