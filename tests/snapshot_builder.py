"""A small warehouse with every gold table the pages read, and snapshots published from it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from serving.publish import publish

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
    """Publish a snapshot of a new fixture warehouse into `folder`/snapshots; returns its path."""
    return publish(build_warehouse(folder / "warehouse.duckdb"), folder / "snapshots").path
