"""Bulk history: events a CPU-second into a lake, what each step costs, and how the memory goes with the days.

Beside it, in the same run: pyarrow alone writing the same columns to Parquet in memory, with the same codec.
And the same simulation through a real Kafka, from one process; beside it, a bare producer of ready events.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from confluent_kafka import Producer

from backbeat import bulk_for
from benchmarks.clock import Clock
from benchmarks.sample import configuration
from benchmarks.stage import ROOT, staged
from benchmarks.topic import renew
from consumer.bulk_draft import KnownDraft
from consumer.folder import FolderStore
from contracts.arrow import bronze_schema
from contracts.bulk import KnownRows
from contracts.events import TOPICS
from producer.publisher import Publisher
from producer.settings import KafkaSettings
from producer.simulator.bulk import Order, known
from producer.simulator.crew import land
from producer.simulator.ledger import Ledger
from producer.simulator.simulate import due_events, simulate

EVENTS, DAYS = 3_000_000, 2
KAFKA_EVENTS = 400_000
MEMORY_DAYS, MEMORY_EVENTS_A_DAY = (7, 28), 20_000


class _Steps:
    """CPU seconds of this process by step."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Add what the block uses to step `name`."""
        before = time.process_time()
        yield
        self.seconds[name] += time.process_time() - before

    def microseconds(self, events: int) -> dict[str, float]:
        """By step, an event."""
        return {name: round(1e6 * seconds / events, 3) for name, seconds in self.seconds.items()}


def measure() -> dict[str, object]:
    """All of it."""
    config = configuration(EVENTS, DAYS)
    with tempfile.TemporaryDirectory() as folder:
        with Clock() as clock:
            ledger = land(Order(config, folder), bulk_for, 1, lambda events: None)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
    events = sum(topic["produced"] for topic in ledger.totals().values())
    with tempfile.TemporaryDirectory() as folder:
        steps, bare = _steps(FolderStore(Path(folder)))
    rates = clock.rates(events)
    return {
        "events": events,
        "days": DAYS,
        **rates,
        "bytes_per_event_in_the_lake": round(size / events, 1),
        "microseconds_an_event": steps.microseconds(events),
        "pyarrow_alone_microseconds_an_event": round(1e6 * bare / events, 3),
        "pyarrow_alone_per_cpu_second": round(events / bare),
        "ratio_to_pyarrow_alone": round(rates["per_cpu_second"] * bare / events, 3),
        "peak_mib_by_days": {str(days): _peak_mib(days) for days in MEMORY_DAYS},
        "through_kafka": _through_kafka(),
    }


def _steps(store: FolderStore) -> tuple[_Steps, float]:
    """What each step of a bulk run costs, one after the other, and pyarrow's writing alone (CPU seconds)."""
    steps, bare, config = _Steps(), _Steps(), configuration(EVENTS, DAYS)
    simulated, number = due_events(config), 0
    ledger = Ledger(counts_only=True)
    while True:
        with steps.of("simulate"):
            found = next(simulated, None)
        if found is None:
            return steps, bare.seconds["write"]
        rendered = known(config, *found, ledger)
        while True:
            with steps.of("render"):
                rows = next(rendered, None)
            if rows is None:
                break
            number += 1
            _land(steps, store, rows, number)
            table = _plain(rows)
            with bare.of("write"):
                pq.write_table(table, pa.BufferOutputStream(), compression="zstd", compression_level=1)


def _land(steps: _Steps, store: FolderStore, rows: KnownRows, number: int) -> None:
    with steps.of("judge the spoiled"):
        draft = KnownDraft(rows, 0)
    with steps.of("hash"):
        draft.content_hash()
    with steps.of("encode and compress"):
        body = draft.finish({})
    with steps.of("write and sync"):
        store.create(f"{number}.parquet", bytes(body))


def _plain(rows: KnownRows) -> pa.Table:
    """The columns that hold the most, as a plain writer gets them."""
    schema = bronze_schema(rows.topic)
    columns = [
        column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        for column in rows.columns
    ]
    names = [*schema.names[: len(columns)], "payload"]
    return pa.table(
        [
            *columns,
            pa.Array.from_buffers(pa.string(), len(rows), rows.values.buffers(), 0, rows.values.offset),
        ],
        names=names,
    )


# Its own mark of the most it held: what `getrusage` tells begins with the parent's.
_LAND = """
import sys, tempfile
from backbeat import bulk_for
from benchmarks.sample import configuration
from producer.simulator.bulk import Order
from producer.simulator.crew import land
with tempfile.TemporaryDirectory() as folder:
    land(Order(configuration(int(sys.argv[1]), int(sys.argv[2])), folder), bulk_for, 1, lambda events: None)
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print(int(line.split()[1]) // 1024)
"""


def _peak_mib(days: int) -> int:
    """What a process of its own holds at most while it lands a history of so many days."""
    command = [sys.executable, "-c", _LAND, str(days * MEMORY_EVENTS_A_DAY), str(days)]
    return int(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)


def _through_kafka() -> dict[str, object]:
    """CPU seconds of one process, without the broker's, from the simulation to the last acknowledgement."""
    with staged(ROOT / "var" / "bench" / "bulk") as stage:
        for topic in TOPICS:
            renew(stage.bootstrap, topic)
        settings = KafkaSettings().model_copy(update={"kafka_bootstrap": stage.bootstrap})
        steps, events = _Steps(), 0
        batches = simulate(configuration(KAFKA_EVENTS, 1), Ledger(counts_only=True))
        ready: list[tuple[bytes, bytes]] = []
        with Publisher(settings) as publisher, Clock() as clock:
            while True:
                with steps.of("simulate and render"):
                    batch = next(batches, None)
                if batch is None:
                    break
                events += len(batch)
                if batch.topic == "plays" and not ready:
                    ready = list(zip(batch.keys, batch.values, strict=True))
                with steps.of("publish"):
                    publisher.publish_many(batch.topic, batch.keys, batch.values)
            with steps.of("publish"):
                publisher.flush()
        bare = _bare(stage.bootstrap, ready)
    rates = clock.rates(events)
    return {
        "events": events,
        **rates,
        "microseconds_an_event": steps.microseconds(events),
        "bare_producer_of_plays_per_cpu_second": bare,
        "ratio_to_bare_producer": round(rates["per_cpu_second"] / bare, 3),
    }


def _bare(bootstrap: str, ready: list[tuple[bytes, bytes]]) -> float:
    producer = Producer({"bootstrap.servers": bootstrap, "compression.type": "zstd", "linger.ms": 20})
    with Clock() as clock:
        for key, value in islice(ready, len(ready)):
            producer.produce("plays", value, key)
        producer.flush()
    return clock.rates(len(ready))["per_cpu_second"]
