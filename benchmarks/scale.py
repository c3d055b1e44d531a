"""`make bench-scale`: a lake of so many plays; a full build, an hour more, a day more, a publish.

`SCALE="--plays 10M --plays 100M"`: each size is written to benchmarks/results/scale.json beside the others.
The lake comes from the simulator's bulk mode and is removed when it has been measured.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.clock import CHILDREN, Clock
from benchmarks.machine import describe
from benchmarks.peak import Peak
from benchmarks.pruning import pruning
from benchmarks.record import RESULTS
from benchmarks.report import write_tables
from benchmarks.scale_lake import ScaleLake, size_of
from benchmarks.stage import say
from serving.build import ROOT, Scope, build
from serving.publish import Published, publish

# In the evening, when most people listen.
_HOURS = (17, 18, 19)
_SLOWEST = 8
Found = TypeVar("Found")
_UNITS = {"k": 1_000, "M": 1_000_000}
# The bar is 16 GiB for the whole tree: DuckDB keeps to its limit but for what it cannot spill, dbt and Python
# take half a GiB. Two models at a time, because there are two cores: four share the memory and are no faster.
ENVIRONMENT = {"BACKBEAT_DUCKDB_MEMORY": "10GB", "BACKBEAT_DBT_THREADS": "2"}


def main() -> None:
    """Measure each size that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plays", action="append", help="size: 1M, 10M, 100M; may be repeated (10M)")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "scale", help="where there is room")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where scale.json is")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", action="store_true", help="leave lake and warehouse there")
    parser.add_argument(
        "--lake-only", action="store_true", help="write the lake, and measure it another time"
    )
    given = parser.parse_args()
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    for plays in given.plays or ["10M"]:
        lake = ScaleLake.of(number(plays), given.folder / plays, given.processes)
        if given.lake_only:
            lake.prepare()
            continue
        try:
            machine = describe()
            _write(given.results / "scale.json", plays, {**measure(lake), "machine": machine})
        finally:
            if not given.keep:
                shutil.rmtree(given.folder / plays, ignore_errors=True)
    if given.results == RESULTS:
        write_tables()


def measure(lake: ScaleLake) -> dict[str, object]:
    """Every figure of one size."""
    figures = _step("lake", lake.history_landed)
    with Peak() as peak, Clock(CHILDREN) as full:
        _step("full build", lambda: build(lake.settings))
    slowest_in_full = slowest()
    pruned = pruning(lake.settings.warehouse, lake.folder)
    published = _step("publish", partial(_publish, lake))
    hours: list[Clock] = []
    hourly_publishes: list[float] = []
    for hour in _HOURS:
        plays = _step("hour", partial(lake.land_hour, hour))
        with Clock(CHILDREN) as clock:
            _step("hourly build", lambda: build(lake.settings, scope=Scope(hourly=True)))
        hours.append(clock)
        hourly_publishes.append(_step("publish", partial(_publish, lake, only_changes=True)).seconds)
    slowest_in_hour = slowest()
    late = _step("day", lake.land_late_day)
    with Clock(CHILDREN) as backfill:
        _step("backfill", lambda: build(lake.settings, scope=Scope(hourly=True)))
    slowest_in_backfill = slowest()
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "full_build_seconds": round(full.wall, 1),
        "full_build_cpu_seconds": round(full.cpu, 1),
        "hourly_seconds": round(median(clock.wall for clock in hours), 1),
        "hourly_cpu_seconds": round(median(clock.cpu for clock in hours), 1),
        "backfill_seconds": round(backfill.wall, 1),
        "backfill_cpu_seconds": round(backfill.cpu, 1),
        "peak_rss_gib": peak.gib,
        "publish_seconds": round(published.seconds, 1),
        "hourly_publish_seconds": round(median(hourly_publishes), 1),
        **figures,
        "hourly_plays": plays,
        "backfill_plays": late,
        "bronze_plays": pruned,
        "warehouse_bytes": lake.settings.warehouse.stat().st_size,
        "snapshot_bytes": published.size,
        "disk_bytes": size_of(lake.folder.parent),
        "slowest_in_full_build": slowest_in_full,
        "slowest_in_hour": slowest_in_hour,
        "slowest_in_backfill": slowest_in_backfill,
        "settings": {name: os.environ[name] for name in ENVIRONMENT},
    }


def _publish(lake: ScaleLake, *, only_changes: bool = False) -> Published:
    return publish(lake.settings.warehouse, lake.settings.snapshots, keep=1, only_changes=only_changes)


def slowest() -> dict[str, float]:
    """The models and tests that took longest in dbt's last run, in seconds."""
    results = json.loads((ROOT / "target" / "run_results.json").read_text())["results"]
    times = {row["unique_id"].split(".", 2)[2].split(".")[0]: row["execution_time"] for row in results}
    longest = sorted(times, key=lambda name: -times[name])[:_SLOWEST]
    return {name: round(times[name], 1) for name in longest}


def _step(name: str, work: Callable[[], Found]) -> Found:
    began = time.monotonic()
    found = work()
    say(f"{name}: {time.monotonic() - began:,.1f} s")
    return found


def number(plays: str) -> int:
    """`10M` → 10,000,000."""
    return int(float(plays[:-1]) * _UNITS[plays[-1]]) if plays[-1] in _UNITS else int(plays)


def _write(path: Path, size: str, figures: dict[str, object]) -> None:
    """Put one size beside those measured before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**found, size: figures}, indent=2) + "\n")
    print(json.dumps(figures, indent=2), flush=True)


if __name__ == "__main__":
    main()
