"""A warehouse that dbt builds from a small lake, and the comparison of two of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from tests.lake_builder import LakeBuilder

ROOT = Path(__file__).parents[1]
STAMPS = ("loaded_at", "_loaded_at")


class Warehouse:
    """A lake folder, the DuckDB file that dbt builds from it, and dbt itself."""

    def __init__(self, folder: Path) -> None:
        self.lake = LakeBuilder(folder / "lake")
        self.path = folder / "warehouse.duckdb"
        self._folder = folder

    def dbt(self, *command: str) -> str:
        """Run dbt from the project's root; returns its output, fails the test when dbt fails."""
        settings = {"BACKBEAT_LAKE": str(self.lake.root), "BACKBEAT_WAREHOUSE": str(self.path)}
        return run_dbt(self._folder, settings, *command)

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


def run_dbt(folder: Path, settings: Mapping[str, str], *command: str) -> str:
    """Run dbt with its profile, target and logs in `folder`; its output, or the test fails."""
    profiles = folder / "profiles"
    profiles.mkdir(exist_ok=True)
    (profiles / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
    ours = ("BACKBEAT_", "DBT_", "SNOWFLAKE_")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(ours)},
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DO_NOT_TRACK": "1",
        **settings,
    }
    dbt = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors"]
    done = subprocess.run(
        [*dbt, *command, "--profiles-dir", str(profiles)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


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
