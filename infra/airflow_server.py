"""Airflow on this machine, without Docker: `airflow standalone` on the project's DAGs, lake and settings.

    with AirflowServer(ScheduleSettings()) as server:
        server.wait()          # healthy, with its DAGs and the pool
        server.address, server.user, server.password

State lies in BACKBEAT_AIRFLOW_HOME: database (SQLite), logs, the password and the secret, the last two
readable for the owner alone.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import httpx

from contracts.errors import BackbeatError
from infra.airflow_api import AirflowApi, until
from serving.application import check_port
from serving.build import child_environment, ensure_profile, run_dbt
from serving.schedule.settings import ScheduleSettings

ROOT = Path(__file__).resolve().parents[1]
DAGS = ROOT / "airflow" / "dags"
_USER = "admin"
_PARTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
_STOP_TIMEOUT_S = 30
_POOLS = {"warehouse": 1}


class AirflowServer:
    """A running `airflow standalone`, all its processes in one group; gone when the block is left."""

    def __init__(self, settings: ScheduleSettings, **variables: str) -> None:
        self._settings = settings
        self._home = settings.airflow_home.resolve()
        self._variables = variables
        self.user = _USER
        self.address = f"http://localhost:{settings.airflow_port}"

    def __enter__(self) -> Self:
        check_port(self._settings.airflow_port, "localhost")
        ensure_profile(ROOT)
        if self._settings.airflow_dbt == "watcher":
            self._have_manifest()
        self._home.mkdir(parents=True, exist_ok=True)
        self.password = _kept(self._home / "password")
        passwords = self._home / "passwords.json"
        _private(passwords, json.dumps({_USER: self.password}))
        self._log = (self._home / "standalone.log").open("ab")
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [str(Path(sys.executable).with_name("airflow")), "standalone"],
            cwd=ROOT,
            env=self.environment() | {"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords)},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        _signal(self._process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_TIMEOUT_S)
        _signal(self._process, signal.SIGKILL)  # whoever of the group is left
        self._process.wait()
        self._log.close()
        # The killed let go of the port a moment later, and the next server would be refused it.
        until(
            self._port_is_free, _STOP_TIMEOUT_S, f"port {self._settings.airflow_port} to be free", every=0.1
        )

    def _port_is_free(self) -> bool | None:
        with suppress(BackbeatError):
            check_port(self._settings.airflow_port, "localhost")
            return True
        return None

    @property
    def group(self) -> int:
        """The process group of all that Airflow runs."""
        return self._process.pid

    def wait(self, seconds: float = 120) -> AirflowApi:
        """Until every part is healthy and every DAG is known; the API, logged in, with the pools made."""
        until(self._healthy, seconds, f"Airflow at {self.address} (see {self._home}/standalone.log)")
        api = AirflowApi(self.address, self.user, self.password)
        for name, slots in _POOLS.items():
            api.have_pool(name, slots)
        expected = {path.stem for path in DAGS.glob("*.py")}
        until(lambda: _known(api, expected), seconds, f"Airflow to read {DAGS}")
        return api

    def ended(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def environment(self) -> dict[str, str]:
        """The environment of Airflow and of its tasks: the project's settings, and Airflow's own."""
        settings, home = self._settings, self._home
        since = settings.airflow_since or datetime.fromisoformat(_kept(home / "since", _this_hour()))
        own = {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{_USER}:admin",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.address}/execution/",
            "AIRFLOW__API__HOST": "localhost",
            "AIRFLOW__API__PORT": str(settings.airflow_port),
            "AIRFLOW__API__BASE_URL": self.address,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API_AUTH__JWT_SECRET": _kept(home / "secret"),
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
            "BACKBEAT_AIRFLOW_SINCE": since.isoformat(),
            # The triggerer, which calls back when a run takes too long, does not look among the DAGs.
            "PYTHONPATH": os.pathsep.join(
                [str(ROOT), str(DAGS), *filter(None, [os.environ.get("PYTHONPATH")])]
            ),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        }
        return child_environment(settings, os.environ) | own | self._variables

    def _have_manifest(self) -> None:
        """Cosmos reads it whenever the DAG is read."""
        environment = self.environment()
        if run_dbt(["--quiet", "parse"], ROOT, environment):
            raise BackbeatError("dbt parse failed: see above")

    def _healthy(self) -> bool | None:
        if (code := self.ended()) is not None:
            raise BackbeatError(f"Airflow ended with code {code}: see {self._home}/standalone.log")
        try:
            health: dict[str, Any] = httpx.get(f"{self.address}/api/v2/monitor/health", timeout=5).json()
        except (httpx.HTTPError, ValueError):
            return None
        return True if all(health[part]["status"] == "healthy" for part in _PARTS) else None


def _known(api: AirflowApi, expected: set[str]) -> bool | None:
    broken = api.get("importErrors")["import_errors"]
    if broken:
        raise BackbeatError(f"{broken[0]['filename']}: {broken[0]['stack_trace'].splitlines()[-1]}")
    return True if expected <= {dag["dag_id"] for dag in api.get("dags")["dags"]} else None


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _this_hour() -> str:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0).isoformat()


def _kept(file: Path, value: str = "") -> str:
    """What `file` holds; made when it is not there: `value`, or a new secret."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        _private(file, value or secrets.token_urlsafe(18))
    return file.read_text(encoding="utf-8").strip()


def _private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(text, encoding="utf-8")
