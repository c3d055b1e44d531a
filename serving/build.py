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
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

from dotenv import dotenv_values
from duckdb_extensions import import_extension

from contracts.errors import BackbeatError
from contracts.settings import Settings, with_secrets
from serving.run_history import Node, Run, from_results, remember

ROOT = Path(__file__).resolve().parents[1]
# What profiles.yml reads of secrets.
_LAKE_KEYS = (
    "BACKBEAT_S3_ACCESS_KEY_ID",
    "BACKBEAT_S3_SECRET_ACCESS_KEY",
    "BACKBEAT_S3_SESSION_TOKEN",
)
# The `dbt` of this very environment. It goes when we go, however that is: a dbt left behind would hold the
# warehouse against the next try. (Linux; elsewhere the next try waits for it.)
DBT = """
import sys
if sys.platform == "linux":
    import ctypes, signal
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
from dbt.cli.main import cli
cli()
"""


@dataclass(frozen=True)
class Scope:
    """How much of the project is built: all of it, what an hour changes, or that and some days anew.

    `days` are the first day and the day to end before.
    """

    hourly: bool = False
    days: tuple[date, date] | None = None

    def __str__(self) -> str:
        if self.days:
            return f"days {self.days[0]} to {self.days[1]}"
        return "hourly" if self.hourly else "whole"

    @property
    def whole(self) -> bool:
        """Whether every model and test is run."""
        return not (self.hourly or self.days)


def build(settings: Settings, root: Path = ROOT, *, scope: Scope = Scope()) -> Run:
    """Build the warehouse from the lake; what became of each model and test is written down, and returned.

    Raises BackbeatError naming the model that failed. A test that failed is in the run: whoever publishes
    looks at that first (see `refuse_failed_tests`).
    """
    if not (root / "dbt_project.yml").is_file():
        raise BackbeatError(f"no dbt_project.yml in {root}: the models are not there to build")
    ensure_profile(root)
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    if settings.lake.startswith("s3://"):
        import_extension("httpfs")  # from its wheel: DuckDB would download it
    began = time.time()
    environment = child_environment(settings, os.environ) | _days(scope)
    selected = [] if scope.whole else ["--selector", "hourly"]
    code = run_dbt(["build", *selected], root, environment)
    results = root / environment.get("DBT_TARGET_PATH", "target") / "run_results.json"
    run = _remembered(settings.warehouse, results, began, scope)
    if run is None or (code != 0 and not run.failed_tests and not run.broken_models):
        raise BackbeatError(
            f"dbt build ended with code {code} before it ran a model (see above): nothing was published"
        )
    if run.broken_models:
        raise BackbeatError(_told([*run.broken_models, *run.failed_tests]))
    return run


def refuse_failed_tests(run: Run) -> None:
    """BackbeatError naming the tests that failed in `run`, with what the first of them says; or nothing."""
    if run.failed_tests:
        raise BackbeatError(_told(run.failed_tests))


def write_docs(settings: Settings, root: Path = ROOT) -> Path:
    """Write the docs of the warehouse, from topic to page, into one file; BackbeatError when dbt fails."""
    environment = child_environment(settings, os.environ)
    if code := run_dbt(["--quiet", "docs", "generate", "--static"], root, environment):
        raise BackbeatError(f"dbt docs generate ended with code {code} (see above)")
    return docs_file(root, environment)


def docs_file(root: Path, environment: Mapping[str, str]) -> Path:
    """Where `write_docs` and `make docs` write the docs, there or not."""
    return root / environment.get("DBT_TARGET_PATH", "target") / "static_index.html"


def manifest_file(root: Path, environment: Mapping[str, str]) -> Path:
    """Where dbt writes what reads what."""
    return root / environment.get("DBT_TARGET_PATH", "target") / "manifest.json"


def run_dbt(arguments: list[str], root: Path, environment: Mapping[str, str]) -> int:
    """Run dbt to its end, on stderr; its exit code. It goes when this process is told to go."""
    command = [sys.executable, "-c", DBT, *arguments, "--profiles-dir", str(root)]
    return _run(command, root, environment)


def child_environment(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child that runs from the project's root: absolute paths, no usage statistics.

    What stands in `.env` is handed on, because dbt and Streamlit do not read it themselves; so are the keys
    of the lake that lie in files.
    """
    lake = settings.lake if "://" in settings.lake else str(Path(settings.lake).resolve())
    given = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    return {
        **with_secrets({**given, **environment}, *_LAKE_KEYS),
        "BACKBEAT_LAKE": lake,
        "BACKBEAT_WAREHOUSE": str(settings.warehouse.resolve()),
        "BACKBEAT_SNAPSHOTS": str(settings.snapshots.resolve()),
        "DO_NOT_TRACK": "1",
    }


def ensure_profile(root: Path) -> None:
    """Have a profiles.yml in `root`, from its example if there is none; BackbeatError without either."""
    profile, example = root / "profiles.yml", root / "profiles.yml.example"
    if profile.exists():
        return
    if not example.is_file():
        raise BackbeatError(f"neither {profile} nor {example.name} is there: dbt cannot tell which warehouse")
    shutil.copyfile(example, profile)


def _days(scope: Scope) -> dict[str, str]:
    """How dbt is told which days: by the environment, because other --vars would have it parse all anew."""
    if scope.days is None:
        return {}
    first, end = scope.days
    return {"BACKBEAT_REBUILD_FROM": first.isoformat(), "BACKBEAT_REBUILD_TO": end.isoformat()}


def _remembered(warehouse: Path, results: Path, began: float, scope: Scope) -> Run | None:
    """The run, written down; None if run_results.json is not of this run or tells of none."""
    if not results.is_file() or results.stat().st_mtime < began:
        return None
    moment = datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds")
    found = json.loads(results.read_text(encoding="utf-8"))
    run = from_results(found, moment, str(scope), time.time() - began)
    remember(warehouse, run)
    return run


def _run(command: list[str], root: Path, environment: Mapping[str, str]) -> int:
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


def _told(failed: list[Node]) -> str:
    """One line: the names, and what the first says of itself."""
    more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
    names = ", ".join(node.name for node in failed[:5])
    words = " ".join((failed[0].message or "").split())[:300]
    return f"dbt build failed at {names}{more}: nothing was published" + (f" ({words})" if words else "")
