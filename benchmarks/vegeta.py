"""The load: vegeta, and the requests it makes."""

from __future__ import annotations

import json
import subprocess
from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import orjson

from benchmarks.sample import plays
from benchmarks.stage import ROOT, pinned
from producer.collector.judge import Circumstances, judge
from producer.collector.record import Record

_WORKERS = 16  # connections that wait for an answer when there is no rate


def tool() -> str:
    """Where vegeta lies; fetched and built the first time."""
    script = [str(ROOT / "infra" / "vegeta.sh"), "install"]
    return subprocess.run(script, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def sample_events(count: int) -> list[bytes]:
    """Simulated plays as a client would send them, without the defects that are planted among them."""
    by = Circumstances(datetime.now(UTC), timedelta(hours=1))
    _, values = plays(2 * count)
    found = []
    for value in values:
        try:
            event = orjson.loads(value)
        except orjson.JSONDecodeError:
            continue
        text = orjson.dumps({"topic": "plays", **event})
        if isinstance(judge(text, by), Record):
            found.append(text)
    return found[:count]


class Target:
    """Requests to `url`: `events` in batches, again and again."""

    def __init__(self, url: str, token: str, events: list[bytes], batch: int, folder: Path) -> None:
        self.url = url
        self.file = folder / "targets.json"
        head = {"Authorization": [f"Bearer {token}"], "Content-Type": ["application/json"]}
        with self.file.open("w") as file:
            for start in range(0, len(events), batch):
                body = b"[" + b",".join(events[start : start + batch]) + b"]"
                request = {"method": "POST", "url": url, "header": head, "body": b64encode(body).decode()}
                file.write(json.dumps(request) + "\n")


def empty_target(url: str, folder: Path) -> Path:
    """Requests that the collector answers without doing anything."""
    file = folder / "empty.json"
    file.write_text(json.dumps({"method": "GET", "url": url}) + "\n")
    return file


@dataclass(frozen=True)
class Attack:
    """What came of one attack; `milliseconds` has p50, p95, p99 and max."""

    requests: int
    succeeded: int
    seconds: float
    milliseconds: dict[str, float]

    @classmethod
    def of(cls, targets: Path, rate: int | None, seconds: float, cores: Collection[int]) -> Self:
        """Attack from `cores`, at `rate` requests a second or (None) with as many as are answered."""
        pace = ["-rate=0", f"-max-workers={_WORKERS}"] if rate is None else [f"-rate={rate}/1s"]
        command = [tool(), "attack", "-format=json", f"-targets={targets}", f"-duration={seconds}s"]
        attack = subprocess.run(
            pinned(cores, [*command, *pace, "-timeout=30s"]), stdout=subprocess.PIPE, check=True
        )
        report = subprocess.run(
            [tool(), "report", "-type=json"], input=attack.stdout, stdout=subprocess.PIPE, check=True
        )
        found = json.loads(report.stdout)
        latencies = found["latencies"]
        named = {"p50": "50th", "p95": "95th", "p99": "99th", "max": "max"}
        return cls(
            found["requests"],
            found["status_codes"].get("200", 0),
            (found["duration"] + found["wait"]) / 1e9,
            {name: round(latencies[key] / 1e6, 1) for name, key in named.items()},
        )
