"""Builds and gates as tables of a snapshot: `pipeline_runs`, `model_timings` and `gate_results`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from contracts.gates import Verdict, newest
from serving.run_history import Node, Run, read

_RUNS = """create or replace table _published.main.pipeline_runs (
    run_id varchar, scope varchar, outcome varchar, error varchar, models bigint, tests bigint,
    failed bigint, seconds double, began_at timestamp
)"""
_TIMINGS = """create or replace table _published.main.model_timings (
    run_id varchar, model varchar, status varchar, seconds double, began_at timestamp
)"""

_GATES = """create or replace table _published.main.gate_results (
    gate varchar, rule varchar, expected varchar, found varchar, passed boolean, evaluated_at timestamp
)"""


def write_gates(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Fill `gate_results` of the attached `_published` with the last verdict of each rule, gate by gate."""
    connection.execute(_GATES)
    rows = [_gate_row(one) for one in newest(warehouse)]
    if rows:
        connection.executemany("insert into _published.main.gate_results values (?, ?, ?, ?, ?, ?)", rows)


def write_runs(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Fill both tables of the attached `_published` with what is known of builds of `warehouse`."""
    runs = read(warehouse)
    connection.execute(_RUNS)
    connection.execute(_TIMINGS)
    if rows := [_run_row(run) for run in runs]:
        connection.executemany(
            "insert into _published.main.pipeline_runs values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
        )
    if timings := [row for run in runs[-10:] for row in _timing_rows(run)]:
        columns = list(zip(*timings, strict=True))
        connection.execute(
            """insert into _published.main.model_timings
               select unnest($1), unnest($2), unnest($3), unnest($4), unnest($5)""",
            [list(column) for column in columns],
        )


def _gate_row(one: Verdict) -> tuple[object, ...]:
    return one.gate, one.rule, one.expected, one.found, one.passed, _moment(one.at)


def _run_row(run: Run) -> tuple[object, ...]:
    failed = [*run.broken_models, *run.failed_tests]
    tests = sum(node.kind in {"test", "unit_test"} for node in run.nodes)
    outcome = "model failed" if run.broken_models else "test failed" if failed else "passed"
    error = f"{failed[0].name}: {failed[0].message}" if failed else None
    models = len(run.nodes) - tests
    return (
        run.run_id, run.scope, outcome, error, models, tests, len(failed), run.seconds, _moment(run.began_at)
    )  # fmt: skip


def _timing_rows(run: Run) -> list[tuple[object, ...]]:
    return [(run.run_id, node.name, node.status, node.seconds, _moment(run.began_at)) for node in _built(run)]


def _built(run: Run) -> list[Node]:
    return [node for node in run.nodes if node.kind in {"model", "seed", "snapshot"}]


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told).replace(tzinfo=None)
