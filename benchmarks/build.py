"""Warehouse: a full build and an hourly one over simulated events; beside it, a bare scan of the Parquet."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from benchmarks.clock import CHILDREN, Clock
from serving.publish import publish
from serving.settings import ServingSettings

EVENTS = 1_000_000
DAYS = 90
HOUR_OF_EVENTS = EVENTS // DAYS // 24


def command(environment: dict[str, str], program: str, *arguments: str) -> Clock:
    """Run one of this environment's programs to its end; only what it says of errors is shown."""
    with Clock(CHILDREN) as clock:
        subprocess.run(
            [str(Path(sys.executable).with_name(program)), *arguments],
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    return clock


def dbt_build(environment: dict[str, str]) -> Clock:
    """One `dbt build`, as a person would run it."""
    return command(environment, "dbt", "build", "--quiet")


def simulate(environment: dict[str, str], *options: str) -> None:
    """Land simulated events in the lake."""
    command(environment, "backbeat", "simulate", *options)


@contextmanager
def lake() -> Iterator[dict[str, str]]:
    """The environment of a lake with the simulated events in it, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "BACKBEAT_LAKE": f"{folder}/lake",
            "BACKBEAT_WAREHOUSE": f"{folder}/warehouse.duckdb",
            "BACKBEAT_SNAPSHOTS": f"{folder}/snapshots",
        }
        simulate(environment, "--events", str(EVENTS), "--days", str(DAYS))
        yield environment


def bare_scan(environment: dict[str, str]) -> float:
    """Seconds to read every typed column and payload of every object once, and count."""
    pattern = f"{environment['BACKBEAT_LAKE']}/bronze/plays/**/*.parquet"
    with Clock() as clock, duckdb.connect() as connection:
        connection.execute(
            "select count(*), sum(hash(columns(*))) from read_parquet(?)", [pattern]
        ).fetchall()
    return clock.wall


def measure(environment: dict[str, str]) -> dict[str, object]:
    """Seconds of a full build, of a build with nothing new, of one with an hour's events, of a publish.

    Builds are runs of dbt; a refresh with nothing new finds out that it need not start one.
    """
    scan = bare_scan(environment)
    full = dbt_build(environment)
    idle = dbt_build(environment)
    simulate(environment, "--events", str(HOUR_OF_EVENTS), "--days", "1", "--seed", "8")
    hourly = dbt_build(environment)
    warehouse, snapshots = Path(environment["BACKBEAT_WAREHOUSE"]), Path(environment["BACKBEAT_SNAPSHOTS"])
    keep = ServingSettings().snapshots_kept
    published = publish(warehouse, snapshots, keep=keep)
    command(environment, "backbeat", "refresh")  # a whole build of its own, which it writes down
    unneeded = command(environment, "backbeat", "refresh")
    return {
        "events": EVENTS,
        "full_build_seconds": round(full.wall, 1),
        "full_build_cpu_seconds": round(full.cpu, 1),
        "nothing_new_build_seconds": round(idle.wall, 1),
        "nothing_new_refresh_seconds": round(unneeded.wall, 2),
        "hourly_events": HOUR_OF_EVENTS,
        "hourly_build_seconds": round(hourly.wall, 1),
        "hourly_to_full": round(hourly.wall / full.wall, 3),
        "bare_scan_of_plays_seconds": round(scan, 2),
        "publish_seconds": round(published.seconds, 1),
        "snapshot_mib": round(published.size / 2**20, 1),
    }
