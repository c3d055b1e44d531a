"""A sink, what it is fed, and the account it owes: every offset exactly once."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from consumer.fence import parse_fence
from consumer.settings import SinkSettings
from tests.tiers import Tier

PARTITIONS = 3
BACKBEAT = [sys.executable, "-m", "backbeat"]
PLAY = {
    "event_id": "01939c5e-7d2b-7000-8000-000000000001",
    "schema_version": 1,
    "user_id": "sim-000001",
    "occurred_at": "2026-11-21T12:00:00.123Z",
    "source": "simulator",
    "track_id": "t",
    "track_title": "Title",
    "artist_name": "Artist",
}


def environment(broker: Tier, lake: object, **more: str) -> dict[str, str]:
    chosen = {
        "BACKBEAT_KAFKA_BOOTSTRAP": broker.bootstrap,
        "BACKBEAT_SINK_NAME": broker.sink_name,
        "BACKBEAT_LAKE": str(lake),
    }
    quick = {
        "BACKBEAT_SINK_FLUSH_SECONDS": "0.3",
        "BACKBEAT_SINK_FLUSH_LONGEST_SECONDS": "0.3",
        "BACKBEAT_SINK_SESSION_SECONDS": "6",
    }
    return {**os.environ, **chosen, **quick, **more}


def settings(broker: Tier, lake: Path, **more: Any) -> SinkSettings:
    address = {"kafka_bootstrap": broker.bootstrap, "sink_name": broker.sink_name, "lake": str(lake)}
    return SinkSettings(
        _env_file=None, **{**address, "sink_flush_seconds": 0.3, "sink_flush_longest_seconds": 0.3, **more}
    )


def publish(broker: Tier, count: int, start: int = 0) -> None:
    """`count` plays over all partitions, told apart by play_id; in order, even where a new topic has a
    request made again."""
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0, "enable.idempotence": True})
    for number in range(start, start + count):
        value = json.dumps({**PLAY, "play_id": f"p{number}"}).encode()
        producer.produce("plays", value, key=b"sim-000001", partition=number % PARTITIONS)
    assert producer.flush(20) == 0


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def sink(env: Mapping[str, str], *options: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    command = [*BACKBEAT, "sink", "--json", "--topic", "plays", *options]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout, check=False)


def landed(process: subprocess.CompletedProcess[str]) -> dict[str, int]:
    assert process.returncode == 0, process.stderr
    counts: dict[str, int] = json.loads(process.stdout.splitlines()[-1])
    return counts


def rows(lake: Path) -> list[dict[str, Any]]:
    tables = [pq.ParquetFile(path).read() for path in sorted(lake.glob("bronze/**/*.parquet"))]
    return [row for table in tables for row in table.to_pylist()]


def committed(broker: Tier) -> int:
    """The offsets the group has committed, over all partitions."""
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": broker.sink_name, "log_level": 0})
    wanted = [TopicPartition("plays", partition) for partition in range(PARTITIONS)]
    give_up = time.monotonic() + 20
    try:
        while True:
            try:
                return sum(max(found.offset, 0) for found in consumer.committed(wanted, timeout=10))
            except KafkaException:  # a Kafka that has just started is not the group's coordinator yet
                if time.monotonic() > give_up:
                    raise
    finally:
        consumer.close()


def wait_for_commits(broker: Tier, count: int) -> None:
    give_up = time.monotonic() + 150  # a killed Kafka, its group and a busy machine take their time
    while (found := committed(broker)) < count:
        assert time.monotonic() < give_up, f"{found} of {count} offsets committed"


def assert_exactly_once(lake: Path, count: int) -> None:
    """Every offset of `count` round-robin plays is there once, holding what was published at it."""
    found = rows(lake)
    places = Counter((row["_partition"], row["_offset"]) for row in found)
    assert set(places.values()) <= {1}
    assert set(places) == {(n % PARTITIONS, n // PARTITIONS) for n in range(count)}
    for row in found:
        assert json.loads(row["payload"])["play_id"] == f"p{row['_offset'] * PARTITIONS + row['_partition']}"
    ends = Counter[str]()
    for path in sorted(lake.glob("_sink/*/*/*/*/*/*.json")):  # fences tile, and each has its object
        fence = parse_fence(path.name, path.read_bytes())
        assert fence.base == ends[str(path.parent)]
        assert (lake / fence.data_key).is_file()
        ends[str(path.parent)] = fence.end + 1
