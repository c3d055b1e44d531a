"""A process in which dbt stays loaded and parsed: a run costs its models, not dbt's start."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
# Unit tests bring their own rows: what they say of one warehouse they say of all.
WITHOUT_UNIT_TESTS = WITHOUT_TESTS[2:]
_OURS = ("BACKBEAT_", "DBT_", "SNOWFLAKE_")
_parsed: dict[str, Any] = {}


class DbtProcess:
    """A child that runs dbt commands one after another, on any warehouse and lake (a process has one dbt).

    To start and to parse takes 13 s of CPU: have one for all tests of a session. All DuckDB warehouses are
    files of one name: DuckDB calls a database as its file, and dbt has that name in what it parsed.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None, *, log: str = "none") -> None:
        """`settings` are more of its environment; `log` is the level of `logs/dbt.log` in `folder`."""
        (folder / "profiles").mkdir(parents=True)
        (folder / "profiles/profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
        self.target = folder / "target"
        self._flags = ("--log-level", "none", "--log-level-file", log)
        self._environment = {
            "BACKBEAT_DBT_THREADS": "2",
            "DBT_TARGET_PATH": str(self.target),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_PROFILES_DIR": str(folder / "profiles"),
            "DBT_PROJECT_DIR": str(ROOT),
            "DO_NOT_TRACK": "1",
            **(settings or {}),
        }
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def run(self, warehouse: Path, lake: Path, *command: str) -> str:
        """Run one dbt command on these: what it said; fails the test with what it says of failed nodes."""
        return self.invoke({"BACKBEAT_WAREHOUSE": str(warehouse), "BACKBEAT_LAKE": str(lake)}, *command)

    def invoke(self, settings: Mapping[str, str], *command: str) -> str:
        """The same with `settings` of this command alone."""
        said, failures = self._pool.submit(_run, self._environment | settings, self._flags, command).result()
        assert failures == [], "\n".join(failures)
        return said

    def parsed(self) -> Path:
        """The folder of `manifest.json` and `semantic_manifest.json`."""
        self._pool.submit(_manifest, self._environment, self._flags).result()
        return self.target

    def close(self) -> None:
        self._pool.shutdown()


def _manifest(environment: Mapping[str, str], flags: Sequence[str]) -> Any:
    """The project, parsed at the first call."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        del os.environ[name]
    os.environ.update(environment)
    if not _parsed:
        from dbt.cli.main import dbtRunner  # noqa: PLC0415  here, so that the test process never loads dbt

        done = dbtRunner().invoke([*flags, "parse"])
        assert done.success, repr(done.exception)
        _parsed["manifest"] = done.result
    return _parsed["manifest"]


def _run(
    environment: Mapping[str, str], flags: Sequence[str], command: Sequence[str]
) -> tuple[str, list[str]]:
    """What dbt said, and what failed."""
    manifest, said = _manifest(environment, flags), list[str]()
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    def hear(event: Any) -> None:
        if event.info.level == "info":
            said.append(event.info.msg)

    runner = dbtRunner(manifest=manifest, callbacks=[hear])
    done = runner.invoke([*flags, "--no-write-json", *command])
    DuckDBConnectionManager.close_all_connections()
    if done.success:
        return "\n".join(said), []
    nodes = getattr(done.result, "results", [])
    told = [f"{node.node.name}: {node.message}" for node in nodes if node.status not in {"success", "pass"}]
    return "", told or [repr(done.exception)]
