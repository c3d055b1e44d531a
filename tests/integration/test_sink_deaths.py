"""Sinks killed or stopped at every named step: what follows lands each offset once, and no reader notices."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pyarrow.parquet as pq
import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.sink_harness import PARTITIONS, assert_exactly_once, environment, publish, rows
from tests.tiers import Tier, embedded

ROWS = 2_400
# Those who finish a predecessor follow one that died between its fence and its object.
KILLS = [
    "before-the-list",
    "before-the-fence",
    "before-the-fences-link",
    "after-the-fences-link",
    "finishing-before-the-look",
    "finishing-before-reading",
    "finishing-before-the-object",
    "finishing-after-the-object",
    "after-the-fence",
    "after-the-list",
    "while-encoding",
    "before-reading-the-last-record-again",
    "before-the-assignment",
    "mid-body",
    "before-the-objects-link",
    "after-the-object-before-the-answer",
    "before-the-commit",
    "after-the-commit",
    "in-the-revocation-before-landing",
    "in-the-revocation-before-the-commit",
]


@pytest.fixture
def broker() -> Iterator[Tier]:
    with embedded({"plays": PARTITIONS}) as started:
        yield started


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


class Reader(Thread):
    """Globs the lake again and again; remembers the first time it saw a row twice or missed one."""

    def __init__(self, lake: Path) -> None:
        super().__init__()
        self.looks, self.complaint = 0, ""
        self._lake, self._over = lake, Event()

    def run(self) -> None:
        seen: set[tuple[int, int]] = set()
        while not self._over.wait(0.2) and not self.complaint:
            paths = sorted(self._lake.glob("bronze/**/*.parquet"))
            tables = [pq.ParquetFile(path).read(columns=["_partition", "_offset"]) for path in paths]
            found = [tuple(row.values()) for table in tables for row in table.to_pylist()]
            if len(found) != len(set(found)):
                self.complaint = f"twice: {[row for row, count in Counter(found).items() if count > 1]}"
            if not seen <= set(found):
                self.complaint = f"gone: {seen - set(found)}"
            seen = set(found)
            self.looks += 1

    def close(self) -> None:
        self._over.set()
        self.join()


def lives(broker: Tier, lake: Path, *steps: str) -> list[str]:
    """What became of each: `SIGKILL`, `stopped` or an exit code."""
    env = environment(broker, lake, PYTHONPATH=str(Path.cwd()), BACKBEAT_SINK_FLUSH_ROWS="20")
    script = str(Path(__file__).with_name("sink_lives.py"))
    told = subprocess.run(
        [sys.executable, script, *steps], env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert told.returncode == 0, told.stderr
    assert [line.split()[0] for line in told.stdout.splitlines()][: len(steps)] == list(steps), told.stderr
    return [line.split(maxsplit=1)[1] for line in told.stdout.splitlines()]


def log_of(broker: Tier) -> dict[tuple[int, int], bytes | None]:
    """Every record the broker holds, by partition and offset."""
    consumer = Consumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": "audit", "enable.partition.eof": True}
    )
    found, open_ends = {}, PARTITIONS
    consumer.assign([TopicPartition("plays", partition, 0) for partition in range(PARTITIONS)])
    while open_ends:
        for message in consumer.consume(500, 0.1):
            if message.error() is not None:
                open_ends -= 1
            else:
                found[message.partition() or 0, message.offset() or 0] = message.value()
    consumer.close()
    return found


def assert_lake_is_the_log(broker: Tier, lake: Path) -> None:
    landed = [((row["_partition"], row["_offset"]), row["payload"].encode()) for row in rows(lake)]
    assert len(landed) == len(dict(landed))
    assert dict(landed) == log_of(broker)


def test_killed_at_every_step_each_offset_lands_once(broker: Tier, lake: Path) -> None:
    publish(broker, ROWS)
    reader = Reader(lake)
    reader.start()
    try:
        ends = lives(broker, lake, *KILLS, "land")
    finally:
        reader.close()
    assert dict(zip([*KILLS, "land"], ends, strict=True)) == {
        **dict.fromkeys(KILLS, "SIGKILL"),
        "land": "exit 0",
    }
    assert reader.complaint == ""
    assert reader.looks > 10
    assert_exactly_once(lake, ROWS)
    assert_lake_is_the_log(broker, lake)


@pytest.mark.parametrize("step", ["pause-before-the-fence", "pause-before-the-object"])
def test_a_zombie_adds_nothing(broker: Tier, lake: Path, step: str) -> None:
    publish(broker, 300)
    ends = lives(broker, lake, step, "land")
    assert ends == ["stopped", "exit 0", "exit 0", "unchanged"]
    assert_exactly_once(lake, 300)
    assert_lake_is_the_log(broker, lake)
