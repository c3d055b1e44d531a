"""A warehouse that dbt builds from a small lake, and the comparison of two of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from tests.dbt_process import DbtProcess
from tests.lake_builder import LakeBuilder

STAMPS = ("loaded_at", "_loaded_at")


class Warehouse:
    """A lake folder, the DuckDB file that dbt builds from it, and dbt itself."""

    def __init__(self, folder: Path, process: DbtProcess) -> None:
        self.lake = LakeBuilder(folder / "lake")
        self.path = folder / "warehouse.duckdb"
        self._process = process

    def dbt(self, *command: str) -> str:
        """Run a dbt command; returns what it said, fails the test when dbt fails."""
        return self._process.run(self.path, self.lake.root, *command)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of `query`, read-only."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def tables(self, *schemas: str) -> list[str]:
        """The tables (not views) of `schemas`, as schema.name."""
        return tables(self.path, *schemas)


def tables(warehouse: Path, *schemas: str) -> list[str]:
    """The tables (not views) of `schemas` in a warehouse, as schema.name."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        listed = connection.execute("select schema_name, table_name from duckdb_tables() order by all")
        return [f"{schema}.{name}" for schema, name in listed.fetchall() if schema in schemas]


def differences(one: Path, other: Path, tables: list[str]) -> dict[str, int]:
    """Tables whose rows are not the same in both warehouses, stamps aside → how many rows differ."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only); attach '{other}' as other (read_only)")
        for table in tables:
            columns = [row[0] for row in connection.execute(f"describe one.{table}").fetchall()]
            named = ", ".join(f'"{name}"' for name in columns if name not in STAMPS)
            ours, theirs = (f"(select {named} from {side}.{table})" for side in ("one", "other"))
            missing, extra = f"({ours} except all {theirs})", f"({theirs} except all {ours})"
            query = f"select count(*) from ({missing} union all {extra})"
            (count,) = connection.execute(query).fetchone() or (0,)
            if count:
                found[table] = count
    return found
