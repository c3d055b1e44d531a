"""Where the flow stops: the gates in their places, their verdicts written down."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from contracts.errors import BackbeatError
from contracts.gates import BRONZE_SILVER, LANDING_BRONZE, SILVER_GOLD, Verdict, passed_at, record, settle
from serving.build import child_environment, manifest_file
from serving.gates.archive import archive_verdicts, moment
from serving.gates.gold import gold_verdicts
from serving.gates.landing import landing_verdicts
from serving.gates.silver import silver_verdicts
from serving.inputs import Lake
from serving.run_history import Node
from serving.settings import ServingSettings
from serving.warehouse import require_warehouse


def pass_landing(settings: ServingSettings, lake: Lake) -> None:
    """Before a build: BackbeatError where what landed is not fit for it."""
    warehouse = settings.warehouse
    settle(warehouse, list(landing_verdicts(lake, settings, passed_at(warehouse, LANDING_BRONZE))))


def pass_build(settings: ServingSettings, lake: Lake, began_at: str, *, hourly: bool) -> None:
    """After a build, before gold is handed on: BackbeatError where silver or gold lack something.

    Of a warehouse that is no DuckDB file the tests of dbt are the gates, alone.
    """
    if settings.target != "duckdb":
        return
    began = moment(began_at)
    with _opened(settings.warehouse) as connection:
        since = passed_at(settings.warehouse, BRONZE_SILVER)
        verdicts = list(silver_verdicts(connection, lake, began, since and min(since, began), hourly=hourly))
        verdicts += gold_verdicts(connection)
    settle(settings.warehouse, [*verdicts, _tests(BRONZE_SILVER), _tests(SILVER_GOLD)])


def pass_archive(settings: ServingSettings, lake: Lake, began_at: str, *, hourly: bool) -> None:
    """After a publish: BackbeatError where gold lacks what was archived, or the archive lost it."""
    if settings.target != "duckdb":
        return
    with _opened(settings.warehouse) as connection:
        found = archive_verdicts(connection, lake, moment(began_at), hourly=hourly)
        settle(settings.warehouse, list(found))


def note_failed(settings: ServingSettings, failed: Sequence[Node], root: Path) -> None:
    """Write down which gate the tests belong to that refuse a build: silver's, or gold's."""
    of_gold = _tests_of_gold(manifest_file(root, child_environment(settings, os.environ))) if failed else ()
    broken: dict[str, Node] = {}
    for node in failed:
        gate = SILVER_GOLD if node.name.split(".")[0] in of_gold else BRONZE_SILVER
        broken.setdefault(gate, node)
    if broken:
        record(settings.warehouse, [_tests(gate, node) for gate, node in broken.items()])


def _tests(gate: str, broken: Node | None = None) -> Verdict:
    found = (
        "none does" if broken is None else f"{broken.name} does: {' '.join((broken.message or '').split())}"
    )
    return Verdict(gate, "tests", "no test of dbt refuses the build", found, broken is None)


def _tests_of_gold(manifest: Path) -> set[str]:
    """The names of the tests that read a model of gold."""
    try:
        nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    except (FileNotFoundError, ValueError):
        return set()
    gold = {
        key for key, node in nodes.items() if node["resource_type"] == "model" and node["schema"] == "gold"
    }
    return {
        node["name"]
        for node in nodes.values()
        if node["resource_type"] == "test" and gold & set(node["depends_on"]["nodes"])
    }


@contextmanager
def _opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, read-only; BackbeatError where it is missing or being written."""
    require_warehouse(warehouse)
    try:
        connection = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error as error:
        raise BackbeatError(f"{warehouse} (BACKBEAT_WAREHOUSE) cannot be read: {error}") from error
    try:
        yield connection
    finally:
        connection.close()
