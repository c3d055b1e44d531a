"""A small warehouse with every gold table the pages read, and snapshots published from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import yaml

from contracts.gates import GATES, Verdict, record
from serving.publish import publish
from serving.run_history import Node, Run, remember

_SQL = Path(__file__).with_name("gold_fixture.sql")
_BUSINESS = Path(__file__).with_name("business_fixture.sql")
_ROOT = Path(__file__).parents[1]
_KPIS = f"""insert into gold.dim_kpis by name
    select *, if(kpi = 'net_royalty', 8000, null) as target, if(unit = 'currency', 'USD', null)
        as report_currency
    from read_csv('{_ROOT / "seeds/kpi_definitions.csv"}', all_varchar = true)"""


def build_warehouse(path: Path) -> Path:
    """Write the fixture warehouse (100 users, 26 countries, 60 days) to `path`."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(_SQL.read_text(encoding="utf-8"))
        for table in _business():
            connection.execute(table)
        connection.execute(_KPIS)
        connection.execute(_BUSINESS.read_text(encoding="utf-8"))
    return path


def _business() -> Iterator[str]:
    """The tables of gold's business as their contract says."""
    contract = yaml.safe_load((_ROOT / "models/gold/business/_business__models.yml").read_text())
    for model in contract["models"]:
        columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
        yield f"create table gold.{model['name']} ({columns})"


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
    record(warehouse, [Verdict(gate, "counts", "0 lost", "0 lost", passed=True) for gate in GATES])
    return publish(warehouse, folder / "snapshots").path
