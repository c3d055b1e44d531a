"""Run `dbt build` as a child process: its output streams through, and a failure says which model."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

from dotenv import dotenv_values
from duckdb_extensions import import_extension

from contracts.errors import BackbeatError
from contracts.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
_RESULTS = Path("target/run_results.json")
DBT = "from dbt.cli.main import cli; cli()"  # the `dbt` of this very environment
_FAILED = {"error", "fail", "runtime error"}


def build(settings: Settings, root: Path = ROOT, *, selector: str | None = None) -> float:
    """Build the warehouse from the lake; returns seconds. Raises BackbeatError naming what failed.

    `selector` is one of `selectors.yml`; None: all models and tests.
    """
    if not (root / "dbt_project.yml").is_file():
        raise BackbeatError(f"no dbt_project.yml in {root}: the models are not there to build")
    ensure_profile(root)
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    if settings.lake.startswith("s3://"):
        import_extension("httpfs")  # from its wheel: DuckDB would download it
    selected = [] if selector is None else ["--selector", selector]
    began = time.time()
    code = _run(
        [sys.executable, "-c", DBT, "build", "--profiles-dir", str(root), *selected],
        root,
        child_environment(settings, os.environ),
    )
    if code != 0:
        raise BackbeatError(_failure(root / _RESULTS, began, code))
    return time.time() - began


def child_environment(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child that runs from the project's root: absolute paths, no usage statistics.

    What stands in `.env` is handed on, because dbt and Streamlit do not read it themselves.
    """
    lake = settings.lake if "://" in settings.lake else str(Path(settings.lake).resolve())
    return {
        **{name: value for name, value in dotenv_values(".env").items() if value is not None},
        **environment,
        "BACKBEAT_LAKE": lake,
        "BACKBEAT_WAREHOUSE": str(settings.warehouse.resolve()),
        "BACKBEAT_SNAPSHOTS": str(settings.snapshots.resolve()),
        "DO_NOT_TRACK": "1",
    }


def failed_nodes(results: dict[str, object]) -> list[str]:
    """The names of the models and tests that failed, from dbt's run_results.json."""
    nodes = results.get("results")
    rows = nodes if isinstance(nodes, list) else []
    return [str(row["unique_id"]).split(".", 2)[-1] for row in rows if row.get("status") in _FAILED]


def ensure_profile(root: Path) -> None:
    """Have a profiles.yml in `root`, from its example if there is none; BackbeatError without either."""
    profile, example = root / "profiles.yml", root / "profiles.yml.example"
    if profile.exists():
        return
    if not example.is_file():
        raise BackbeatError(f"neither {profile} nor {example.name} is there: dbt cannot tell which warehouse")
    shutil.copyfile(example, profile)


def _run(command: list[str], root: Path, environment: dict[str, str]) -> int:
    """Run to the end with stdout joined to stderr; the child goes when this process is told to go."""

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    child = subprocess.Popen(command, cwd=root, env=environment, stdout=sys.stderr.fileno())  # noqa: S603
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
        signal.signal(signal.SIGTERM, before)


def _failure(results: Path, began: float, code: int) -> str:
    """One line; run_results.json counts only if this run wrote it."""
    if results.is_file() and results.stat().st_mtime >= began:
        failed = failed_nodes(json.loads(results.read_text(encoding="utf-8")))
        if failed:
            more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
            return f"dbt build failed at {', '.join(failed[:5])}{more}: nothing was published"
    return f"dbt build ended with code {code} before it ran a model (see above): nothing was published"
