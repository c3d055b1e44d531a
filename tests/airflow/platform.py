"""A running Airflow over a small lake, and what tests ask of it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import psutil

from infra.airflow_api import AirflowApi, until
from infra.airflow_server import ROOT, AirflowServer
from serving.schedule.settings import ScheduleSettings
from serving.snapshot import snapshot_names
from tests.api_server import ApiServer, api_server
from tests.lake_builder import LakeBuilder
from tests.warehouse_builder import differences, tables

# Nothing here takes long on an idle machine; a busy one is no failure.
PATIENCE_S = 900
Run = dict[str, Any]


class Platform:
    """Airflow, a lake, a warehouse and snapshots in one folder, a webhook that hears of failures, and
    platforms' APIs."""

    def __init__(
        self, folder: Path, server: AirflowServer, api: AirflowApi, told: Queue[str], apis: ApiServer
    ) -> None:
        self.folder, self.server, self.api, self.told, self.apis = folder, server, api, told, apis
        self.warehouse, self.lake = folder / "warehouse.duckdb", LakeBuilder(folder / "lake")
        self.dbt_log = folder / "logs" / "dbt.log"

    def unpause(self, dag: str) -> None:
        self.api.patch(f"dags/{dag}", {"is_paused": False})

    def trigger(self, dag: str) -> str:
        """Start a run by hand; its id."""
        return str(self.api.post(f"dags/{dag}/dagRuns", {"logical_date": None})["dag_run_id"])

    def runs(self, dag: str, kind: str) -> list[Run]:
        """The runs of one kind (scheduled, manual, backfill, asset_triggered), first to last."""
        found = self.api.get(f"dags/{dag}/dagRuns", order_by="run_after", limit=100)["dag_runs"]
        return [run for run in found if run["run_type"] == kind]

    def ended(self, dag: str, kind: str, count: int) -> list[Run]:
        """The runs of one kind once at least `count` are there and none goes on."""

        def ask() -> list[Run] | None:
            found = self.runs(dag, kind)
            ready = len(found) >= count and all(run["state"] in {"success", "failed"} for run in found)
            return found if ready else None

        return until(ask, PATIENCE_S, f"{count} runs of {dag} ({kind})")

    def tasks(self, run: Run) -> dict[str, dict[str, Any]]:
        """Task → its instance in a run."""
        path = f"dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances"
        return {task["task_id"]: task for task in self.api.get(path)["task_instances"]}

    def states(self, run: Run) -> dict[str, str]:
        return {name: task["state"] for name, task in self.tasks(run).items()}

    def snapshots(self) -> list[str]:
        return snapshot_names(path.name for path in (self.folder / "snapshots").glob("*"))

    def copy(self, name: str) -> Path:
        """The warehouse as it is now, kept aside."""
        return Path(shutil.copyfile(self.warehouse, self.folder / f"{name}.duckdb"))

    def differences(self, one: Path, other: Path) -> dict[str, int]:
        """Gold tables whose rows differ, stamps aside, → how many rows."""
        return differences(one, other, tables(one, "gold"))

    def dbt(self) -> psutil.Process | None:
        """The dbt that Airflow's tasks run right now."""
        for process in psutil.Process(self.server.group).children(recursive=True):
            try:
                if "dbt.cli.main" in " ".join(process.cmdline()):
                    return process
            except psutil.Error:  # ended meanwhile
                continue
        return None

    def hear(self, matching: Callable[[str], bool]) -> str:
        """The first message to the webhook that matches, and has not been heard yet."""
        end = time.monotonic() + PATIENCE_S
        while True:
            text = self.told.get(timeout=max(0.1, end - time.monotonic()))
            if matching(text):
                return text


def backbeat(folder: Path, *arguments: str) -> None:
    """Run a command on the platform's lake."""
    subprocess.run(
        [sys.executable, "-m", "backbeat", *arguments],
        cwd=ROOT,
        env=AirflowServer(settings(folder)).environment(),
        check=True,
        capture_output=True,
    )


def settings(folder: Path) -> ScheduleSettings:
    """Three hours were missed."""
    this_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return ScheduleSettings(
        lake=str(folder / "lake"),
        warehouse=folder / "warehouse.duckdb",
        snapshots=folder / "snapshots",
        airflow_home=folder / "airflow",
        airflow_port=_free_port(),
        airflow_since=this_hour - timedelta(hours=3),
    )


@contextmanager
def running(folder: Path) -> Iterator[Platform]:
    """A platform whose DAGs are all paused."""
    with _webhook() as (address, told), api_server() as apis:
        variables = {
            "BACKBEAT_AIRFLOW_RETRY_SECONDS": "1",
            "BACKBEAT_AIRFLOW_DEADLINE_MINUTES": "0.02",
            "BACKBEAT_ALERT_WEBHOOK": address,
            "BACKBEAT_META_ADS_TOKEN": "meta",
            "BACKBEAT_META_ADS_ACCOUNTS": "act_1",
            "BACKBEAT_META_ADS_URL": apis.url,
            "BACKBEAT_INBOX_SETTLED_SECONDS": "0",
            "BACKBEAT_BROKER_PARTITIONS": "1",
            "BACKBEAT_PSEUDONYM_KEY": "a key of the tests",
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        }
        with AirflowServer(settings(folder), **variables) as server, server.wait(PATIENCE_S) as api:
            yield Platform(folder, server, api, told, apis)


@contextmanager
def _webhook() -> Iterator[tuple[str, Queue[str]]]:
    """An HTTP server on this machine; its address, and the texts it is sent."""
    told: Queue[str] = Queue()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", told
        server.shutdown()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
