"""A small warehouse with every gold table the pages read, and snapshots published from it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from serving.publish import publish
from serving.run_history import Node, Run, remember

_SQL = Path(__file__).with_name("gold_fixture.sql")


def build_warehouse(path: Path) -> Path:
    """Write the fixture warehouse (100 users, 26 countries, 60 days) to `path`."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(_SQL.read_text(encoding="utf-8"))
    return path


def empty_gold(path: Path) -> Path:
    """Keep every gold table of the warehouse at `path`, but no row."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("use gold")
        for (table,) in connection.execute("show tables").fetchall():
            connection.execute(f"truncate {table}")
    return path


def build_snapshot(folder: Path) -> Path:
    """Publish a snapshot of a new fixture warehouse into `folder`/snapshots; returns its path.

    It tells of two builds, the second of which failed a test.
    """
    warehouse = build_warehouse(folder / "warehouse.duckdb")
    for number, status in enumerate(("pass", "fail")):
        model = Node("fct_plays", "model", "success", 1.5 + number)
        test = Node("assert_plays", "test", status, 0.1, "Got 2 results" if status == "fail" else None)
        run = Run(f"run-{number}", f"2026-11-20T0{number}:00:00+00:00", "hourly", 9.5, (model, test))
        remember(warehouse, run)
    return publish(warehouse, folder / "snapshots").path
