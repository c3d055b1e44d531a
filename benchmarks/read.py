"""`python -m benchmarks.read`: the read API on one core, asked by vegeta from the others.

--seconds 5    a shorter try: the result goes to var/bench/, no document changes
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import duckdb
import psutil

from benchmarks.record import RESULTS, record
from benchmarks.report import write_tables
from benchmarks.stage import ROOT, Cores, pinned, say
from benchmarks.vegeta import Attack, tool
from serving.publish import publish

PLAYS, USERS = 5_000_000, 50_000  # as read_gold.sql has them
SECONDS = 15.0
TRIED = ROOT / "var" / "bench"
RATE = 50  # requests a second
_REGIONS = ("GLOBAL", "SE", "DE", "FR", "US", "GB", "BR")
_METHOD = (
    f"A snapshot of {PLAYS:,} plays of {USERS:,} listeners. The read API on one core of its own, vegeta on "
    f"the others, {RATE} requests a second, each asked for the first time: three in eight for a listener's "
    "numbers, the others for recommendations, charts, trends and KPIs. Remembered: the same ten questions "
    "again and again. Not modified: with the ETag. Beside it, /healthz, which asks nothing."
)
_SQL = Path(__file__).with_name("read_gold.sql")


def _snapshot(folder: Path) -> None:
    """A published snapshot of a made-up warehouse."""
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(_SQL.read_text(encoding="utf-8"))
    publish(folder / "warehouse.duckdb", folder / "snapshots")


@contextmanager
def _serving(folder: Path, cores: Cores) -> Iterator[tuple[psutil.Process, str]]:
    environment = {**os.environ, "BACKBEAT_SNAPSHOTS": str(folder / "snapshots"), "BACKBEAT_SERVE_PORT": "0"}
    command = pinned(cores.engine, [sys.executable, "-m", "backbeat", "serve"])
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            url = json.loads(process.stderr.readline() if process.stderr else "")["url"]
            while not _is_ready(url):
                time.sleep(0.05)
            yield psutil.Process(process.pid), url
        finally:
            process.terminate()
            process.wait(30)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=30):  # noqa: S310 - our own
            return True
    except HTTPError:
        return False


def _questions(count: int) -> list[str]:
    """Paths, each another one."""
    chance = random.Random(7)  # noqa: S311 - the same ones each time
    found: dict[str, None] = {}
    while len(found) < count:
        user = f"user-{chance.randrange(USERS):06}"
        day = f"2026-{chance.randrange(1, 11):02}-{chance.randrange(1, 28):02}"
        region, offset = chance.choice(_REGIONS), chance.randrange(100)
        kinds = (
            f"/v1/users/{user}/stats", f"/v1/users/{user}/stats?first={day}",
            f"/v1/users/{user}/stats?last={day}", f"/v1/users/{user}/recommendations",
            f"/v1/charts/daily?region={region}&at={day}",
            f"/v1/charts/hourly?region={region}&at={day}T{offset % 24:02}:00:00Z",
            f"/v1/trends/hourly?region={region}&first={day}&offset={offset}",
            f"/v1/kpis?region={region}&last={day}",
        )  # fmt: skip
        found[chance.choice(kinds)] = None
    return list(found)


def _targets(file: Path, url: str, paths: list[str], etag: str = "") -> Path:
    head = {"header": {"If-None-Match": [etag]}} if etag else {}
    lines = (json.dumps({"method": "GET", "url": url + path, **head}) for path in paths)
    file.write_text("\n".join(lines) + "\n")
    return file


def measure(seconds: float) -> dict[str, object]:
    """In the shape of benchmarks/results/read.json."""
    cores = Cores(tuple(sorted(os.sched_getaffinity(0))))
    folder = TRIED / "read"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tool()
    try:
        say(f"  a snapshot of {PLAYS:,} plays")
        _snapshot(folder)
        with _serving(folder, cores) as (process, url):
            return _loads(folder, process, url, seconds, cores)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _loads(
    folder: Path, process: psutil.Process, url: str, seconds: float, cores: Cores
) -> dict[str, object]:
    paths = _questions(int(RATE * seconds) + 1)
    with urllib.request.urlopen(f"{url}/v1/snapshot", timeout=30) as answer:  # noqa: S310 - our own
        etag = answer.headers["ETag"]
    loads = {
        "asked_first": _targets(folder / "first", url, paths),
        "remembered": _targets(folder / "again", url, paths[:10]),
        "not_modified": _targets(folder / "etag", url, paths, etag),
        "healthz": _targets(folder / "empty", url, ["/healthz"]),
    }
    found: dict[str, object] = {}
    for name, targets in loads.items():
        before = sum(process.cpu_times()[:2])
        attack = Attack.of(targets, RATE, seconds, cores.rest)
        cpu = sum(process.cpu_times()[:2]) - before
        say(f"    {name}: p99 {attack.milliseconds['p99']} ms")
        found[name] = {
            "requests": attack.requests,
            "cpu_ms_per_request": round(1e3 * cpu / attack.requests, 2),
            **{f"{percentile}_ms": value for percentile, value in attack.milliseconds.items()},
        }
    return {**found, "resident_mib": round(process.memory_info().rss / 2**20), "method": _METHOD}


def main() -> None:
    """Measure; only a run of full length becomes the project's figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help=f"of each load; default: {SECONDS:.0f}"
    )
    seconds = parser.parse_args().seconds
    whole = seconds >= SECONDS
    record("read", lambda: measure(seconds), RESULTS if whole else TRIED)
    if whole:
        write_tables()


if __name__ == "__main__":
    main()
