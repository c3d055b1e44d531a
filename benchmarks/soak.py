"""`make bench-soak`: one sink, a hundred million records, and the memory it holds on the way.

`--records 2000000` is for trying it out: the result goes to var/bench/. Objects are counted and removed while
the next ones come, Kafka forgets what is landed: the disk holds some GB at a time.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from urllib.request import urlopen

from confluent_kafka import Producer
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # exported, but not in the stubs
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)

from benchmarks.corpus import SIZES, chunks
from benchmarks.engine import Job, backbeat_environment
from benchmarks.janitor import Janitor
from benchmarks.record import RESULTS, record
from benchmarks.shelf import s3
from benchmarks.stage import ROOT, Stage, say, staged
from benchmarks.topic import COMPRESSION, TOPIC, renew
from benchmarks.trial import Command, Process

RECORDS = 100_000_000
# How far the producer runs ahead of the lake: more than the sink buffers, less than Kafka keeps.
_AHEAD = 4_000_000
_KEPT_BYTES = 1024**3
_WINDOWS = 10
_LOOK_SECONDS, _PATIENCE_SECONDS = 1.0, 400.0
_METRIC = re.compile(
    r"^(backbeat_sink_rows_total|process_resident_memory_bytes)(?:\{.*\})? (\S+)$", re.MULTILINE
)


def measure(records: int) -> dict[str, object]:
    """Land `records` plays of 430 bytes; memory in windows of a tenth of them each."""
    with staged(ROOT / "var" / "bench" / "soak") as stage:
        os.sched_setaffinity(0, stage.cores.rest)
        renew(stage.bootstrap)
        _forget(stage.bootstrap)
        job = Job(stage, "soak", SIZES[430])
        port = _free_port()
        settings = {"BACKBEAT_SINK_METRICS_PORT": str(port), "BACKBEAT_SINK_FLUSH_LONGEST_SECONDS": "30"}
        arguments = [sys.executable, "-m", "backbeat", "sink", "--topic", TOPIC, "--json"]
        command = Command(arguments, {**backbeat_environment(job), **settings})
        janitor = Janitor(s3(stage.endpoint), job.prefix)
        with Process(command, stage.cores.engine, job.folder) as process:
            samples = _follow(stage, port, records, janitor)
            cpu, wall = process.cpu(), time.monotonic() - process.started
            process.end()
        janitor.sweep(keep=0)
    return {"records": records, "rows_in_store": janitor.rows, "objects": janitor.objects} | {
        "records_per_second": round(records / wall),
        "records_per_cpu_second": round(records / cpu),
        **_windows(samples, records),
    }


def _follow(stage: Stage, port: int, records: int, janitor: Janitor) -> list[tuple[int, float]]:
    """Produce as fast as the sink lands; (rows landed, resident MiB) each second."""
    producer = Producer(
        {
            "bootstrap.servers": stage.bootstrap,
            "compression.type": COMPRESSION,
            "linger.ms": 100,
            "batch.size": 900_000,
            "queue.buffering.max.messages": 200_000,
            "enable.idempotence": True,
            "log_level": 0,
        }
    )
    messages = _messages(records)
    samples = [(0, 0.0)]
    sent, looked, moved = 0, 0.0, time.monotonic()
    while samples[-1][0] < records:
        if sent - samples[-1][0] < _AHEAD:
            for key, value in islice(messages, 20_000):
                producer.produce(TOPIC, value, key)
                sent += 1
            producer.flush()
        now = time.monotonic()
        if now - looked < _LOOK_SECONDS:
            time.sleep(0 if sent < records else _LOOK_SECONDS / 4)
            continue
        looked = now
        landed, memory = _look(port)
        moved = now if landed > samples[-1][0] else moved
        if now - moved > _PATIENCE_SECONDS:
            raise RuntimeError(f"the sink landed {landed} of {sent} records, and no more")
        samples.append((landed, memory))
        if len(samples) % 20 == 0:
            janitor.sweep(keep=2)
            say(f"    {landed:>12,} landed  {memory:6.0f} MiB")
    return samples


def _messages(records: int) -> Iterator[tuple[bytes, bytes]]:
    """The same 200,000 events again and again: the sink does not look at what came before."""
    some = [
        pair for chunk in chunks(SIZES[430], 200_000) for pair in zip(chunk.keys, chunk.values, strict=True)
    ]
    return islice(cycle(some), records)


def _look(port: int) -> tuple[int, float]:
    """Rows landed and resident MiB, as the sink itself says; nothing yet while it starts."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            found = _METRIC.findall(answer.read().decode())
    except OSError:
        return 0, 0.0
    rows = sum(float(value) for name, value in found if name.startswith("backbeat"))
    memory = sum(float(value) for name, value in found if name.startswith("process"))
    return int(rows), memory / 1024**2


def _windows(samples: list[tuple[int, float]], records: int) -> dict[str, object]:
    """Mean memory of each window but the first, in which buffers fill, and how far one is off their mean."""
    windows: list[list[float]] = [[] for _ in range(_WINDOWS)]
    for landed, memory in samples:
        windows[min(landed * _WINDOWS // records, _WINDOWS - 1)].append(memory)
    means = [sum(window) / len(window) for window in windows[1:] if window]
    middle = sum(means) / len(means)
    return {
        "resident_mib_by_tenth": [round(mean) for mean in means],
        "resident_mib_most": round(max(memory for _, memory in samples)),
        "farthest_from_mean": round(max(abs(mean / middle - 1) for mean in means), 3),
    }


def _forget(bootstrap: str) -> None:
    """Let Kafka keep little."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    limits = {"retention.bytes": str(_KEPT_BYTES), "segment.bytes": str(_KEPT_BYTES // 8)}
    entries = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        for name, value in limits.items()
    ]
    topic = ConfigResource(ConfigResource.Type.TOPIC, TOPIC, incremental_configs=entries)
    admin.incremental_alter_configs([topic])[topic].result(20)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def main() -> None:
    """Measure, and write benchmarks/results/soak.json when it was a hundred million."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS, help=f"default: {RECORDS:,}")
    records = parser.parse_args().records
    folder = RESULTS if records >= RECORDS else ROOT / "var" / "bench"
    record("soak", lambda: measure(records), folder)


if __name__ == "__main__":
    main()
