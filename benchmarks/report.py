"""The tables of benchmarks/README.md and README.md, rendered from benchmarks/results/*.json."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from benchmarks.app_report import rows as app_rows
from benchmarks.app_report import section as app_section
from benchmarks.import_report import rows as import_rows
from benchmarks.import_report import section as import_section
from benchmarks.machine import place
from benchmarks.realism_report import section as realism_section
from benchmarks.recommendation_report import refresh_rows
from benchmarks.recommendation_report import rows as recommendation_rows
from benchmarks.recommendation_report import section as recommendation_section
from benchmarks.scale_report import section as scale_section
from benchmarks.sink_report import rows as sink_rows
from benchmarks.sink_report import section as sink_section

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
_NAMES = ("simulator", "publish", "sink", "build")
# Shown once they have been measured.
_LONG_RUNS = (
    "app",
    "bulk",
    "importers",
    "reports",
    "postgres",
    "collector",
    "live",
    "read",
    "airflow",
    "realism",
    "recommendations",
    "recommending",
    "scale_out",
    "soak",
)
_BLOCK = re.compile(r"(<!-- figures: `make bench` -->\n).*?(\n<!-- end of figures -->)", re.DOTALL)


def results() -> dict[str, dict[str, Any]]:
    """Name → what was measured, in the order of the flow."""
    names = [*_NAMES, *(name for name in _LONG_RUNS if (RESULTS / f"{name}.json").exists())]
    return {name: json.loads((RESULTS / f"{name}.json").read_text()) for name in names}


def summary(found: dict[str, dict[str, Any]]) -> str:
    """The few figures README shows."""
    simulator, publish, sink, build = (found[name] for name in _NAMES)
    machine = simulator["machine"]
    rows = [
        (
            "simulator, events/s per core",
            f"{simulator['per_cpu_second']:,}",
            f"{simulator['ratio_to_orjson_alone']} of rendering JSON alone",
        ),
        (
            "publisher, acknowledged events/s",
            f"{publish['per_second']:,}",
            f"{publish['ratio_to_bare_producer']} of a bare producer, per CPU-second",
        ),
        *sink_rows(sink),
        *import_rows(found.get("importers")),
        *recommendation_rows(found.get("recommendations")),
        *refresh_rows(found.get("recommending")),
        *_scale_out_rows(found.get("scale_out")),
        *_soak_rows(found.get("soak")),
        *_chaos_rows(),
        (
            f"full build and tests, {build['events']:,} events",
            f"{build['full_build_seconds']} s",
            f"a bare scan of the plays takes {build['bare_scan_of_plays_seconds']} s",
        ),
        (
            f"hourly build and tests, {build['hourly_events']} new events",
            f"{build['hourly_build_seconds']} s",
            f"with nothing new {build['nothing_new_build_seconds']} s",
        ),
        *_airflow_rows(found.get("airflow")),
        *app_rows(found.get("app")),
    ]
    table = ["| what | figure | beside it, in the same run |", "|---|---|---|"]
    table += [f"| {what} | {figure} | {beside} |" for what, figure, beside in rows]
    where = f"{place(machine)}, shared with other work"
    return "\n".join([*table, "", f"On {where}; all of it in [benchmarks](benchmarks/README.md)."])


def _scale_out_rows(found: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    if found is None:
        return []
    share = found["share_of_a_core_each"]
    return [
        (
            f"two sinks against one, {share} of a core each",
            f"{found['two_to_one']} times as fast",
            f"{found['two']['records_per_second']:,} and {found['one']['records_per_second']:,} records/s",
        )
    ]


def _airflow_rows(found: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    if found is None:
        return []
    figure = f"{found['hourly_dag_seconds']} s"
    beside = f"{found['ratio_to_bare']} of a bare `dbt build` of the same models"
    return [("the hourly DAG in Airflow, start to end", figure, beside)]


def _soak_rows(soak: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    if soak is None:
        return []
    memory = soak["resident_mib_by_tenth"]
    return [
        (
            f"sink, memory over {soak['records']:,} records",
            f"{min(memory)}–{max(memory)} MiB",
            f"a tenth of them is at most {soak['farthest_from_mean']:.1%} off the mean",
        )
    ]


def _chaos_rows() -> list[tuple[str, str, str]]:
    """All runs of `make chaos` so far; they add up over versions and machines."""
    path = RESULTS / "chaos.json"
    if not path.exists():
        return []
    totals = json.loads(path.read_text())["totals"]
    wrong = f"{totals['lost']} lost, {totals['duplicated']} doubled, {totals['mismatched']} altered"
    faults = (
        f"{totals['stops']:,} stops, {sum(totals['faults'].values()):,} faults, {totals['rounds']} rounds"
    )
    what = f"chaos: {totals['kills_in_all']:,} kills, {totals['records']:,} records"
    return [(what, wrong, f"{faults}, by the audit")]


def details(found: dict[str, dict[str, Any]]) -> str:
    """Every figure of every result, as nested lists of name and value."""
    lines: list[str] = []
    for name, result in found.items():
        lines += [f"## {name}", "", *_SECTIONS.get(name, _table)(result)]
        machine = result["machine"]
        busy = f"load before {machine['load_before']}, Python {machine['python']}"
        lines += ["", f"{place(machine)}, {busy}.", ""]
    return "\n".join([*lines, *_scale()]).rstrip()


def _scale() -> list[str]:
    """The sizes measured so far, each on its own machine."""
    path = RESULTS / "scale.json"
    return ["## scale", "", *scale_section(json.loads(path.read_text()))] if path.exists() else []


def _table(result: dict[str, Any]) -> list[str]:
    figures = [(key, value) for key, value in _flat(result) if not key.startswith("machine")]
    return ["| figure | value |", "|---|---|", *(f"| {key} | {value} |" for key, value in figures)]


def _flat(value: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, inner in value.items():
        name = f"{prefix}{key}"
        rows += _flat(inner, f"{name} · ") if isinstance(inner, dict) else [(name.replace("_", " "), inner)]
    return rows


_SECTIONS = {
    "app": app_section,
    "importers": import_section,
    "sink": sink_section,
    "realism": realism_section,
    "recommendations": recommendation_section,
}


def rendered() -> dict[Path, str]:
    """Each file that shows figures → its whole text with the figures as measured last."""
    found = results()
    blocks = {ROOT / "README.md": summary(found), Path(__file__).parent / "README.md": details(found)}
    return {path: _placed(path.read_text(), block) for path, block in blocks.items()}


def _placed(text: str, block: str) -> str:
    return _BLOCK.sub(lambda match: f"{match[1]}{block}{match[2]}", text)


def write_tables() -> None:
    """Put the measured figures into the documents that show them."""
    for path, text in rendered().items():
        path.write_text(text)
