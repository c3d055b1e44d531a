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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

from confluent_kafka import Consumer, Message, TopicPartition

from benchmarks.engine import Job, backbeat_environment
from benchmarks.stage import ROOT, pinned
from benchmarks.topic import PARTITIONS, TOPIC
from consumer.batch import Batch, Records
from consumer.buffer import SLICE_BYTES, SLICE_ROWS
from consumer.decode import decode
from consumer.digest import Digest
from consumer.parquet import ParquetObject
from consumer.run import runs
from consumer.settings import SinkSettings
from consumer.store import store_for
from contracts.arrow import bronze_schema

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


def _receive(settings: SinkSettings, count: int) -> dict[int, list[Batch]]:
    """At least `count` records, asked for and made into columns as the sink does it, by partition."""
    consumer = Consumer({**settings.client_config(), "group.id": uuid4().hex, "enable.auto.commit": False})
    consumer.assign([TopicPartition(TOPIC, number, 0) for number in range(PARTITIONS)])
    slices = [Records(TOPIC, number) for number in range(PARTITIONS)]
    batches: dict[int, list[Batch]] = defaultdict(list)
    received = 0
    while received < count:
        messages = consumer.consume(500, 0.1)
        received += len(messages)
        for (_, number), run in runs(messages):
            _extend(slices[number], run)
            if len(slices[number]) >= min(SLICE_ROWS, SLICE_BYTES // len(run[0])):
                batches[number].append(slices[number].batch())
                slices[number] = Records(TOPIC, number)
    consumer.close()
    for number, last in enumerate(slices):
        if len(last):
            batches[number].append(last.batch())
    return batches


def _extend(records: Records, run: Sequence[Message]) -> None:
    records.offsets += [message.offset() or 0 for message in run]
    records.timestamps += [message.timestamp()[1] for message in run]
    records.keys += map(Message.key, run)
    records.values += map(Message.value, run)
    records.headers += [message.headers() or None for message in run]  # type: ignore[misc]  # never a dict


def main(count: int) -> dict[str, float]:
    """CPU microseconds a record, by stage."""
    stages, rows = _Stages(), 0
    settings = SinkSettings()
    store = store_for(settings.lake, settings)
    with stages.of("consume"):
        received = _receive(settings, count)
    for number, batches in received.items():
        digest, file = Digest(), ParquetObject(bronze_schema(TOPIC))
        for batch in batches:
            rows += len(batch)
            with stages.of("hash"):
                digest.update(batch)
            with stages.of("decode"):
                table = decode(batch)
            with stages.of("encode"):
                file.add(table)
        with stages.of("encode"):
            body = file.finish({"backbeat-content-hash": digest.hexdigest()})
        with stages.of("put"):
            store.permit(f"shares/{number}.parquet", {}, store.deadline())(body)
    return {name: round(1e6 * seconds / rows, 3) for name, seconds in stages.seconds.items()}


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1])), sys.stdout)
