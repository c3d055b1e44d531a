"""A collector under measurement: on a core of its own, and what came of a load on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import psutil
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from benchmarks.stage import ROOT, Stage, pinned, say
from benchmarks.vegeta import Attack, Target, empty_target
from contracts.events import TOPICS
from contracts.web.key_file import KeyFile

BATCH = 100
ROUNDS = 5
PARTITIONS = 12


@dataclass(frozen=True)
class Loaded:
    """A collector under measurement."""

    process: psutil.Process
    target: Target
    stage: Stage

    def attack(self, rate: int | None, seconds: float) -> dict[str, object]:
        """Load it at `rate` requests a second (None: as fast as it answers) and tell what came of it."""
        before = self._cpu()
        attack = Attack.of(self.target.file, rate, seconds, self.stage.cores.rest)
        cpu = self._cpu() - before
        events = attack.succeeded * BATCH
        say(f"    {events:,} events in {attack.seconds:.1f} s, {cpu:.1f} CPU-seconds")
        return {
            "events_per_second": round(events / attack.seconds),
            "events_per_cpu_second": round(events / cpu),
            "share_of_the_core": round(cpu / attack.seconds, 3),
            "answered_200": f"{attack.succeeded:,} of {attack.requests:,}",
            **{f"{name}_ms": value for name, value in attack.milliseconds.items()},
        }

    def rounds(self, rate: int, seconds: float) -> dict[str, object]:
        """As `attack`, in turn with as many empty requests; medians, because others load the machine too."""
        empty = empty_target(self.target.url.replace("/v1/events", "/healthz"), self.stage.folder)
        ours, idle = list[dict[str, Any]](), list[Attack]()
        for _ in range(ROUNDS):
            ours.append(self.attack(rate, seconds / ROUNDS))
            idle.append(Attack.of(empty, rate, seconds / ROUNDS, self.stage.cores.rest))
        names = ("events_per_second", "events_per_cpu_second", "p50_ms", "p95_ms", "p99_ms")
        return {
            **{name: median(found[name] for found in ours) for name in names},
            "p99_ms_by_round": [found["p99_ms"] for found in ours],
            "empty_answers_p99_ms_by_round": [attack.milliseconds["p99"] for attack in idle],
        }

    def _cpu(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def collector(stage: Stage, events: list[bytes]) -> Iterator[Loaded]:
    """A collector on the engine's core, with a key that may send as much as it likes."""
    keys = stage.folder / "keys.json"
    _, token = KeyFile(keys).create("load", ("events",))
    chosen = {
        "BACKBEAT_KAFKA_BOOTSTRAP": stage.bootstrap,
        "BACKBEAT_COLLECTOR_KEYS": str(keys),
        "BACKBEAT_COLLECTOR_PORT": "0",
        "BACKBEAT_COLLECTOR_RATE": "1e9",
        "BACKBEAT_COLLECTOR_BURST": "1000000000",
    }
    command = pinned(stage.cores.engine, [sys.executable, "-m", "backbeat", "collector"])
    with subprocess.Popen(
        command, env={**os.environ, **chosen}, cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            address = _address(process)
            target = Target(f"{address}/v1/events", token, events, BATCH, stage.folder)
            yield Loaded(psutil.Process(process.pid), target, stage)
        finally:
            process.terminate()
            process.wait(30)


def _address(process: subprocess.Popen[str]) -> str:
    found: str = json.loads(process.stderr.readline())["url"] if process.stderr else ""
    return found


def create_topics(bootstrap: str) -> None:
    """The contract's topics, new."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    for made in admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in TOPICS]).values():
        made.result(20)


def landed(bootstrap: str) -> int:
    """Records in the topic of plays."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "count", "log_level": 0})
    ends = [
        consumer.get_watermark_offsets(TopicPartition("plays", number), timeout=20)[1]
        for number in range(PARTITIONS)
    ]
    consumer.close()
    return sum(ends)


def accepted(address: str) -> int:
    """Events that the collector has answered `accepted`, as it counts them."""
    command = ["curl", "-s", f"{address}/metrics"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return sum(int(float(line.split()[-1])) for line in lines if 'status="accepted"' in line)
