"""What each stage of our sink costs alone: its own functions on the topic's records, one after the other.

Run as a program of its own, because a stage's CPU time is that of all threads of its process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from confluent_kafka import Consumer, TopicPartition

from benchmarks.engine import Job, backbeat_environment
from benchmarks.stage import ROOT, pinned
from benchmarks.topic import PARTITIONS, TOPIC
from consumer.batch import Batch
from consumer.buffer import Buffer
from consumer.decode import decode
from consumer.parquet import encode
from consumer.settings import SinkSettings
from consumer.store import store_for

# About what is buffered when all partitions of a busy topic are flushed.
_BYTES = 128 * 1024**2


def measure(job: Job, records: int) -> dict[str, float]:
    """CPU microseconds a record of each stage, measured on the core that the engines run on."""
    count = min(records, _BYTES // job.size.mean)
    command = pinned(job.stage.cores.engine, [sys.executable, "-m", "benchmarks.shares", str(count)])
    environment = {**os.environ, **backbeat_environment(job)}
    done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


class _Stages:
    """CPU seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Add what the block uses to stage `name`."""
        before = time.process_time()
        yield
        self.seconds[name] += time.process_time() - before


def _receive(settings: SinkSettings, count: int) -> list[Batch]:
    """At least `count` records, asked for and buffered as the sink does it: a batch a partition."""
    consumer = Consumer({**settings.client_config(), "group.id": uuid4().hex, "enable.auto.commit": False})
    consumer.assign([TopicPartition(TOPIC, number, 0) for number in range(PARTITIONS)])
    buffers = [Buffer(TOPIC, number, 0) for number in range(PARTITIONS)]
    received = 0
    while received < count:
        messages = consumer.consume(500, 0.1)
        for message in messages:
            buffers[message.partition() or 0].append(message.offset() or 0, message, 0.0)
        received += len(messages)
    consumer.close()
    return [buffer.batch() for buffer in buffers if len(buffer)]


def main(count: int) -> dict[str, float]:
    """CPU microseconds a record, by stage."""
    stages = _Stages()
    settings = SinkSettings()
    store = store_for(settings.lake, settings)
    with stages.of("consume"):
        batches = _receive(settings, count)
    for batch in batches:
        with stages.of("hash"):
            stamp = {"backbeat-content-hash": batch.content_hash()}
        with stages.of("decode"):
            table = decode(batch)
        with stages.of("encode"):
            body = encode(table, stamp)
        with stages.of("put"):
            store.create(f"shares/{batch.partition}.parquet", body)
    rows = sum(len(batch) for batch in batches)
    return {name: round(1e6 * seconds / rows, 3) for name, seconds in stages.seconds.items()}


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1])), sys.stdout)
