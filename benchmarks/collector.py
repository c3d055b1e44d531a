"""`python -m benchmarks.collector`: the collector on one core, loaded by vegeta from the others.

--seconds 3    a shorter try: the result goes to var/bench/, no document changes
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from benchmarks.clock import Clock
from benchmarks.record import RESULTS, record
from benchmarks.report import write_tables
from benchmarks.stage import ROOT, Stage, pinned, say, staged
from benchmarks.vegeta import Attack, Target, sample_events, tool
from contracts.events import TOPICS
from producer.collector.key_file import KeyFile

BATCH = 100
BAR = 20_000  # events a second
SECONDS = 15
PARTITIONS = 12
TRIED = ROOT / "var" / "bench"
_METHOD = (
    "The collector on one core of its own; broker, load and whoever measures on the others. Batches of "
    f"{BATCH} plays, each request answered when Kafka has acknowledged all of it. CPU: user and system "
    "seconds of the collector's process while it was loaded. Beside it, on the same core, a bare producer of "
    "the same events with the same acknowledgements. Accepted: by the answers; landed: by Kafka's offsets."
)


@dataclass(frozen=True)
class Loaded:
    """A collector under measurement."""

    process: psutil.Process
    target: Target
    stage: Stage

    def attack(self, rate: int | None, seconds: float) -> dict[str, object]:
        """Load it at `rate` requests a second (None: as fast as it answers) and tell what came of it."""
        before = self._cpu()
        attack = Attack.of(self.target, rate, seconds, self.stage.cores.rest)
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


def _create_topics(bootstrap: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    for made in admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in TOPICS]).values():
        made.result(20)


def _landed(bootstrap: str) -> int:
    """Records in the topic of plays."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "count", "log_level": 0})
    ends = [
        consumer.get_watermark_offsets(TopicPartition("plays", number), timeout=20)[1]
        for number in range(PARTITIONS)
    ]
    consumer.close()
    return sum(ends)


def _accepted(address: str) -> int:
    """Events that the collector has answered `accepted`, as it counts them."""
    command = ["curl", "-s", f"{address}/metrics"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return sum(int(float(line.split()[-1])) for line in lines if 'status="accepted"' in line)


def _bare(bootstrap: str, values: list[bytes], rounds: int) -> float:
    """Events per CPU-second of a producer that does nothing else."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "compression.type": "zstd",
            "linger.ms": 5,
            "log_level": 0,
        }
    )
    with Clock() as clock:
        for _ in range(rounds):
            for value in values:
                producer.produce("likes", value, value[:16], on_delivery=_acknowledged)
            producer.flush()
    return clock.rates(rounds * len(values))["per_cpu_second"]


def _acknowledged(error: object, _: object) -> None:
    if error is not None:
        raise RuntimeError(str(error))


def measure(seconds: float) -> dict[str, object]:
    """In the shape of benchmarks/results/collector.json."""
    events = sample_events(100 * BATCH)
    tool()
    with staged(TRIED / "collector") as stage:
        _create_topics(stage.bootstrap)
        with collector(stage, events) as loaded:
            loaded.attack(50, 2)
            say("  as fast as it answers")
            most = loaded.attack(None, seconds)
            say(f"  at {BAR:,} events a second, and at half of it")
            full = loaded.attack(BAR // BATCH, seconds)
            half = loaded.attack(BAR // BATCH // 2, seconds)
            accepted = _accepted(loaded.target.url.removesuffix("/v1/events"))
            landed = _landed(stage.bootstrap)
        os.sched_setaffinity(0, stage.cores.engine)
        bare = _bare(stage.bootstrap, events, 10)
        os.sched_setaffinity(0, stage.cores.all)
    own = int(str(most["events_per_cpu_second"]))
    return {
        "batch": BATCH,
        "bytes_per_event": round(sum(map(len, events)) / len(events)),
        "as_fast_as_it_answers": most,
        "at_20000_events_a_second": full,
        "at_10000_events_a_second": half,
        "bare_producer_per_cpu_second": round(bare),
        "ratio_to_bare_producer": round(own / bare, 3),
        "accepted": accepted,
        "landed": landed,
        "method": _METHOD,
    }


def main() -> None:
    """Measure; only a run of full length becomes the project's figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of each load; default: {SECONDS}")
    seconds = parser.parse_args().seconds
    whole = seconds >= SECONDS
    record("collector", lambda: measure(seconds), RESULTS if whole else TRIED)
    if whole:
        write_tables()


if __name__ == "__main__":
    main()
