"""What Airflow costs: the hourly DAG beside a bare `dbt build` of the same models, and Airflow doing nothing.

    python -m benchmarks.airflow --watcher

Each measurement lands the same number of events first, so each build has an hour to do. The DAG's time is
that of its run, from start to end; what its dbt task took, and what the other tasks did, is told beside it.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from benchmarks.build import simulate
from benchmarks.clock import Clock
from benchmarks.record import record
from benchmarks.report import write_tables
from infra.airflow_api import AirflowApi, until
from infra.airflow_server import AirflowServer
from serving.build import Scope, build
from serving.schedule.settings import ScheduleSettings

# The demonstration's lake, and what an hour brings to it.
EVENTS = 1_000_000
DAYS = 14
HOUR_OF_EVENTS = 3_000
ROUNDS = 3
IDLE_SECONDS = 30
_RUN_TIMEOUT_S = 900


class Stage:
    """One lake and warehouse for all measurements; each hour that lands is another simulation."""

    def __init__(self, folder: Path) -> None:
        self.settings = ScheduleSettings(
            lake=str(folder / "lake"),
            warehouse=folder / "warehouse.duckdb",
            snapshots=folder / "snapshots",
            airflow_home=folder / "airflow",
        )
        self._environment = {"BACKBEAT_LAKE": self.settings.lake}
        self._seed = 100

    def fill(self) -> None:
        """Land and build what was there before."""
        simulate(self._environment, "--events", str(EVENTS), "--days", str(DAYS), "--to", "bulk")
        build(self.settings)

    def land_an_hour(self) -> None:
        """Another hour's events, of a day that is there already."""
        self._seed += 1
        hour = ["--events", str(HOUR_OF_EVENTS), "--days", "1", "--seed", str(self._seed), "--to", "bulk"]
        simulate(self._environment, *hour)

    @contextmanager
    def airflow(self, mode: str) -> Iterator[tuple[AirflowServer, AirflowApi]]:
        """Airflow with nothing scheduled: runs are asked for one by one."""
        settings = self.settings.model_copy(update={"airflow_dbt": mode})
        paused = {"AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True", "BACKBEAT_AIRFLOW_DBT": mode}
        with AirflowServer(settings, **paused) as server, server.wait() as api:
            yield server, api


def bare(stage: Stage) -> float:
    """Seconds of one `dbt build` of what an hour changes."""
    stage.land_an_hour()
    with Clock() as clock:
        build(stage.settings, scope=Scope(hourly=True))
    return clock.wall


def run_dag(stage: Stage, api: AirflowApi) -> dict[str, float]:
    """Seconds of one run of the hourly DAG, and of each of its tasks."""
    stage.land_an_hour()
    run_id = api.post("dags/hourly/dagRuns", {"logical_date": None})["dag_run_id"]
    path = f"dags/hourly/dagRuns/{run_id}"

    def ended() -> dict[str, Any] | None:
        run: dict[str, Any] = api.get(path)
        return run if run["state"] in {"success", "failed"} else None

    run = until(ended, _RUN_TIMEOUT_S, "the hourly run")
    if run["state"] != "success":
        raise SystemExit(f"the hourly run failed: see {stage.settings.airflow_home}")
    tasks = api.get(f"{path}/taskInstances", limit=500)["task_instances"]
    seconds = {task["task_id"]: round(task["duration"] or 0, 1) for task in tasks}
    first, last = (datetime.fromisoformat(run[name]) for name in ("start_date", "end_date"))
    return {"run": round((last - first).total_seconds(), 1), **seconds}


def idle(server: AirflowServer) -> dict[str, float]:
    """Memory (PSS, so what processes share counts once) and cores in use while nothing runs."""
    processes = [psutil.Process(server.group), *psutil.Process(server.group).children(recursive=True)]
    before, began = sum(map(_cpu, processes)), time.monotonic()
    time.sleep(IDLE_SECONDS)
    used = (sum(map(_cpu, processes)) - before) / (time.monotonic() - began)
    memory = sum(process.memory_full_info().pss for process in processes if process.is_running())
    return {"memory_mib": round(memory / 2**20), "cores": round(used, 2), "processes": len(processes)}


def measure(stage: Stage, *, watcher: bool) -> dict[str, object]:
    """All of it, on one stage; bare builds and runs of the DAG take turns."""
    began = time.monotonic()
    with stage.airflow("task") as (server, api):
        ready = time.monotonic() - began
        resting = idle(server)
        api.patch("dags/hourly", {"is_paused": False})
        run_dag(stage, api)  # dbt reads the project anew when its environment is another one
        rounds = [(bare(stage), run_dag(stage, api)) for _ in range(ROUNDS)]
    alone = statistics.median(seconds for seconds, _ in rounds)
    middle = sorted((run for _, run in rounds), key=lambda run: run["run"])[ROUNDS // 2]
    return {
        "events": EVENTS,
        "hourly_events": HOUR_OF_EVENTS,
        "bare_dbt_build_seconds": round(alone, 1),
        "hourly_dag_seconds": middle["run"],
        "ratio_to_bare": round(middle["run"] / alone, 2),
        "tasks_of_that_run_seconds": {name: seconds for name, seconds in middle.items() if name != "run"},
        **(_watched(stage) if watcher else {}),
        "ready_seconds": round(ready, 1),
        "idle": resting,
    }


def _watched(stage: Stage) -> dict[str, object]:
    """The same DAG with a task for each model, beside the one build that they follow."""
    with stage.airflow("watcher") as (_, api):
        api.patch("dags/hourly", {"is_paused": False})
        run = run_dag(stage, api)
    own = run["models.dbt_producer_watcher"]
    return {
        "cosmos_watcher_dag_seconds": run["run"],
        "cosmos_watcher_tasks": len(run) - 1,
        "cosmos_watcher_own_build_seconds": own,
        "cosmos_watcher_ratio_to_own_build": round(run["run"] / own, 2),
    }


def main() -> None:
    """Measure, write the result down, and put it into the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watcher", action="store_true", help="Models as tasks, too: it takes minutes.")
    watcher = parser.parse_args().watcher
    with TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        stage.fill()
        record("airflow", lambda: measure(stage, watcher=watcher))
    write_tables()


def _cpu(process: psutil.Process) -> float:
    """CPU seconds of a process so far; 0 once it has ended."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
