"""Sink: rows a second from the embedded broker to Parquet in a folder; beside it, a bare consumer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from statistics import median
from uuid import uuid4

from confluent_kafka import Consumer, Producer

from benchmarks.clock import CHILDREN, Clock
from benchmarks.sample import plays
from producer.broker import EmbeddedBroker, contract_topics

EVENTS = 240_000
ROUNDS = 3
PARTITIONS = 12
# Interpreter start and imports: measured by landing nothing, and taken off.
_SINK = (sys.executable, "-m", "backbeat", "sink", "--until-end", "--json")
_CONSUME = "from benchmarks.sink import consume; import sys; consume(sys.argv[1], int(sys.argv[2]))"


def fill(bootstrap: str, keys: list[bytes], values: list[bytes]) -> None:
    """Publish in batches large enough that the broker serves them quickly."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "compression.type": "zstd",
            "linger.ms": 200,
            "batch.size": 900_000,
            "queue.buffering.max.messages": EVENTS,
            "queue.buffering.max.kbytes": 1_000_000,
            "log_level": 0,
        }
    )
    for key, value in zip(keys, values, strict=True):
        producer.produce("plays", value, key)
        producer.poll(0)
    producer.flush()


def consume(bootstrap: str, count: int) -> None:
    """Read `count` records and touch each value: what any Python consumer must pay."""
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": uuid4().hex, "auto.offset.reset": "earliest"}
    )
    consumer.subscribe(["plays"])
    seen = 0
    while seen < count:
        for message in consumer.consume(500, 0.1):
            seen += message.value() is not None
    consumer.close()


def _run(command: tuple[str, ...], bootstrap: str) -> tuple[Clock, dict[str, int]]:
    """The clock of a child process (the broker runs in this one) and what it printed last."""
    with tempfile.TemporaryDirectory() as lake, Clock(CHILDREN) as clock:
        environment = {**os.environ, "BACKBEAT_KAFKA_BOOTSTRAP": bootstrap, "BACKBEAT_LAKE": lake}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    last = done.stdout.strip().splitlines()
    return clock, json.loads(last[-1]) if last else {}


def _round(keys: list[bytes], values: list[bytes]) -> dict[str, float]:
    with EmbeddedBroker(contract_topics(PARTITIONS)) as empty:
        idle, _ = _run(_SINK, empty.bootstrap)
    with EmbeddedBroker(contract_topics(PARTITIONS)) as broker:
        fill(broker.bootstrap, keys, values)
        busy, landed = _run(_SINK, broker.bootstrap)
        bare, _ = _run((sys.executable, "-c", _CONSUME, broker.bootstrap, str(len(values))), broker.bootstrap)
    if landed["rows"] != len(values):
        raise RuntimeError(f"the sink landed {landed['rows']} of {len(values)} rows")
    return {
        "per_second": len(values) / busy.wall,
        "per_cpu_second": len(values) / (busy.cpu - idle.cpu),
        "bare": len(values) / bare.cpu,
        "start": idle.cpu,
        "objects": landed["objects"],
        "bytes": landed["bytes"],
    }


def measure() -> dict[str, object]:
    """Medians over rounds; the sink's start (imports, connecting) is told apart."""
    keys, values = plays(EVENTS)
    rounds = [_round(keys, values) for _ in range(ROUNDS)]
    middle = {name: median(one[name] for one in rounds) for name in rounds[0]}
    return {
        "rows": EVENTS,
        "rounds": ROUNDS,
        "bytes_per_row_in": round(sum(map(len, values)) / EVENTS),
        "bytes_per_row_landed": round(middle["bytes"] / EVENTS),
        "objects": round(middle["objects"]),
        "per_second_start_included": round(middle["per_second"]),
        "per_cpu_second": round(middle["per_cpu_second"]),
        "start_cpu_seconds": round(middle["start"], 2),
        "bare_consumer_per_cpu_second_start_included": round(middle["bare"]),
        "ratio_to_bare_consumer": round(middle["per_cpu_second"] / middle["bare"], 3),
    }
