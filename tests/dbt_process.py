"""One process in which dbt stays loaded and parsed: a run costs its models, not dbt's start."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_QUIET = ("--log-level", "none", "--log-level-file", "none", "--no-write-json")
_parsed: dict[str, Any] = {}


class DbtProcess:
    """A child that runs dbt commands one after another, on any warehouse and lake (a process has one dbt)."""

    def __init__(self, folder: Path) -> None:
        (folder / "profiles").mkdir(parents=True)
        (folder / "profiles/profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
        self._folder = folder
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def run(self, warehouse: Path, lake: Path, *command: str) -> None:
        """Run one dbt command; fails the test with what dbt says of the nodes that failed."""
        environment = {
            "BACKBEAT_WAREHOUSE": str(warehouse),
            "BACKBEAT_LAKE": str(lake),
            "BACKBEAT_DBT_THREADS": "2",
            "DBT_TARGET_PATH": str(self._folder / "target"),
            "DBT_LOG_PATH": str(self._folder / "logs"),
            "DBT_PROFILES_DIR": str(self._folder / "profiles"),
            "DBT_PROJECT_DIR": str(ROOT),
            "DO_NOT_TRACK": "1",
        }
        failures = self._pool.submit(_run, environment, command).result()
        assert failures == [], "\n".join(failures)

    def close(self) -> None:
        self._pool.shutdown()


def _run(environment: dict[str, str], command: Sequence[str]) -> list[str]:
    os.environ.update(environment)
    # Here, so that the test process never loads dbt.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    if not _parsed:
        _parsed["manifest"] = dbtRunner().invoke([*_QUIET, "parse"]).result
    done = dbtRunner(manifest=_parsed["manifest"]).invoke([*_QUIET, *command])
    DuckDBConnectionManager.close_all_connections()
    if done.success:
        return []
    nodes = getattr(done.result, "results", [])
    told = [f"{node.node.name}: {node.message}" for node in nodes if node.status not in {"success", "pass"}]
    return told or [repr(done.exception)]
