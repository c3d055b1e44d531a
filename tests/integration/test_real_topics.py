"""What only Apache Kafka does to a topic: transactions, deletion, retention, compaction, its clocks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from consumer.folder import FolderStore
from consumer.progress import Progress
from consumer.sink import Sink
from consumer.tally import Tally
from contracts.errors import BackbeatError
from tests.account import account
from tests.servers import KafkaServer
from tests.sink_harness import (
    BACKBEAT,
    PLAY,
    assert_exactly_once,
    environment,
    publish,
    rows,
    settings,
    wait_for_commits,
)
from tests.tiers import Tier

pytestmark = [pytest.mark.real, pytest.mark.parametrize("broker", ["real"], indirect=True)]
YEAR_MS = 365 * 86_400_000


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def land(broker: Tier, lake: Path, **more: Any) -> Tally:
    """Run a sink in this process until all is landed."""
    return Sink(settings(broker, lake, **more), FolderStore(lake), Progress(), ["plays"]).run(
        Event(), until_end=True
    )


def produce(broker: Tier, values: list[bytes | None], **more: Any) -> None:
    config = {"bootstrap.servers": broker.bootstrap, "log_level": 0, "message.max.bytes": 8_000_000}
    producer = Producer(config)
    for value in values:
        producer.produce("plays", value, partition=0, **more)
    assert producer.flush(20) == 0


@pytest.fixture
def transact(broker: Tier) -> Callable[..., None]:
    """Writes `values` to plays/0 in one transaction, and ends it."""
    producer = Producer({"bootstrap.servers": broker.bootstrap, "transactional.id": "t", "log_level": 0})
    producer.init_transactions(30)

    def run(*values: bytes, abort: bool = False) -> None:
        producer.begin_transaction()
        for value in values:
            producer.produce("plays", value, partition=0)
        assert producer.flush(20) == 0
        (producer.abort_transaction if abort else producer.commit_transaction)(30)

    return run


def test_fences_are_named_by_the_ids_kafka_gives(broker: Tier, lake: Path, kafka_server: KafkaServer) -> None:
    publish(broker, 30)
    land(broker, lake)
    cluster = kafka_server.admin.list_topics(timeout=20).cluster_id
    topic_id = kafka_server.topic_id("plays").replace("+", "-").replace("/", "_")
    folders = {path.parent.relative_to(lake) for path in lake.glob("_sink/**/*.json")}
    assert folders == {
        Path(f"_sink/{broker.sink_name}/{cluster}/plays/{topic_id}/{partition:05d}") for partition in range(3)
    }


def test_aborted_rows_never_land_and_markers_are_gaps(
    broker: Tier, lake: Path, transact: Callable[..., None]
) -> None:
    transact(b"a", b"b")  # 0 1, marker 2
    transact(b"gone", b"gone", b"gone", abort=True)  # 3 4 5, marker 6
    transact(b"c")  # 7, marker 8
    assert land(broker, lake).rows == 3
    (chain,) = account(lake).values()
    assert chain.offsets == [0, 1, 7]
    assert [row["payload"] for row in rows(lake)] == ["a", "b", "c"]
    transact(b"gone", abort=True)  # 9, marker 10: nothing to land, and nothing to wait for
    assert land(broker, lake).rows == 0
    transact(b"d")  # 11, marker 12
    assert land(broker, lake).rows == 1
    (chain,) = account(lake).values()
    assert chain.offsets == [0, 1, 7, 11]
    assert set(chain.gaps) >= {2, 3, 4, 5, 6, 8, 9, 10}


def test_lag_is_nothing_when_only_markers_are_left(
    broker: Tier, lake: Path, transact: Callable[..., None]
) -> None:
    transact(b"a")
    transact(b"gone", abort=True)
    gone = Gone()
    sink = Sink(settings(broker, lake), FolderStore(lake), gone, ["plays"])
    thread = Thread(target=sink.run, args=[gone.stop])
    thread.start()
    thread.join(60)
    assert gone.lags[-1] == 0


class Gone(Progress):
    """Stops the sink once a row has landed and no lag is left, or after 50 looks at 0.1 s."""

    def __init__(self) -> None:
        super().__init__()
        self.stop, self.lags = Event(), list[int]()

    def due(self) -> bool:
        return True

    def landed(self, tally: Tally, lag: int) -> None:
        if tally.rows and not self.stop.is_set():
            self.lags.append(lag)
            if lag == 0 or len(self.lags) == 50:
                self.stop.set()


@pytest.mark.parametrize("count", [60, 900])  # the lake's tail is at 110 of each partition
def test_a_topic_created_again_lands_as_another_topic(
    broker: Tier, lake: Path, kafka_server: KafkaServer, count: int
) -> None:
    publish(broker, 330)
    env = environment(broker, lake)
    command = [*BACKBEAT, "sink", "--topic", "plays"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for_commits(broker, 330)
            old = rows(lake)
            kafka_server.replace_topics({"plays": 3})
            publish(broker, count)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 1
    assert errors.splitlines()[-1].startswith("backbeat: ")
    assert rows(lake) == old
    assert land(broker, lake).rows == count
    assert land(broker, lake).rows == 0
    new = [row for row in rows(lake) if row not in old]
    assert sorted(json.loads(row["payload"])["play_id"] for row in [*old, *new]) == sorted(
        f"p{number}" for total in (330, count) for number in range(total)
    )
    assert sorted(len(chain.offsets) for chain in account(lake).values()) == [
        *[min(count, 330) // 3] * 3,
        *[max(count, 330) // 3] * 3,
    ]


def test_a_commit_about_another_lake_is_not_believed(broker: Tier, lake: Path) -> None:
    publish(broker, 30)
    assert land(broker, lake).rows == 30
    elsewhere = lake.with_name("elsewhere")
    assert land(broker, elsewhere).rows == 30
    assert_exactly_once(elsewhere, 30)


def test_rows_deleted_before_they_landed_stop_the_sink_or_are_noted(
    broker: Tier, lake: Path, kafka_server: KafkaServer
) -> None:
    publish(broker, 30)
    land(broker, lake)
    publish(broker, 30, start=30)
    deleted = kafka_server.admin.delete_records([TopicPartition("plays", 1, 15)])
    assert next(iter(deleted.values())).result(20).low_watermark == 15
    with pytest.raises(BackbeatError, match=r"^plays/1 lost the offsets 10 to 14 before they were landed: "):
        land(broker, lake)
    land(broker, lake, sink_on_gap="record")
    chains = {partition: chain for (_, partition), chain in account(lake).items()}
    assert chains[1].gaps == [10, 11, 12, 13, 14]
    assert [len(chains[partition].offsets) for partition in range(3)] == [20, 15, 20]


def test_rows_that_were_decided_and_then_deleted_need_their_fence_removed(
    broker: Tier, lake: Path, kafka_server: KafkaServer
) -> None:
    """As the runbook says it: a fence without an object, and Kafka has not all of its rows any more."""
    publish(broker, 30)
    dying = [sys.executable, Path(__file__).with_name("dying_sink.py"), "before-data"]
    env = {**environment(broker, lake), "PYTHONPATH": str(Path.cwd())}
    assert subprocess.run(dying, env=env, timeout=60, check=False).returncode == -signal.SIGKILL
    decided = {int(fence.parent.name): fence for fence in lake.glob("_sink/*/*/plays/*/*/*.json")}
    assert decided
    for partition in decided:
        place = TopicPartition("plays", partition, 5)
        kafka_server.admin.delete_records([place])[place].result(20)
    with pytest.raises(BackbeatError, match=r"decided 10 rows .*: retention dropped the others"):
        land(broker, lake, sink_on_gap="record")
    for path in decided.values():
        path.unlink()
    land(broker, lake, sink_on_gap="record")
    for (_, partition), chain in account(lake).items():
        lost = [0, 1, 2, 3, 4] if partition in decided else []
        assert (chain.gaps, len(chain.offsets)) == (lost, 10 - len(lost))


def test_rows_deleted_to_the_last_are_noticed(broker: Tier, lake: Path, kafka_server: KafkaServer) -> None:
    """Everything is deleted: nothing is left to see that something is missing, except the watermark."""
    publish(broker, 30)
    land(broker, lake)
    publish(broker, 30, start=30)
    kafka_server.admin.delete_records([TopicPartition("plays", 2, 20)])[TopicPartition("plays", 2)].result(20)
    with pytest.raises(BackbeatError, match=r"^plays/2 lost the offsets 10 to 19 "):
        land(broker, lake)


def test_a_compacted_topic_lands_what_is_left_of_it(
    broker: Tier, lake: Path, kafka_server: KafkaServer
) -> None:
    quick = {
        "cleanup.policy": "compact",
        "min.cleanable.dirty.ratio": "0.01",
        "segment.ms": "100",
        "min.compaction.lag.ms": "0",
    }
    kafka_server.replace_topics({"plays": 1}, quick)
    for number in range(20):
        produce(broker, [b"%d" % number], key=b"user-%d" % (number % 2))
    before = _compacted(broker)
    land(broker, lake)
    (chain,) = account(lake).values()
    assert set(_offsets(broker)) <= set(chain.offsets) <= set(before)  # Kafka goes on compacting
    assert set(chain.offsets) | set(chain.gaps) == set(range(before[-1] + 1))


def _compacted(broker: Tier) -> list[int]:
    """The offsets Kafka holds once it has compacted plays/0."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        produce(broker, [b"tick"], key=b"tick")  # rolls the active segment, which is never compacted
        found = _offsets(broker)
        if len(found) < 12:
            return found
    raise AssertionError("not compacted within 60 s")


def _offsets(broker: Tier) -> list[int]:
    consumer = Consumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": "oracle", "enable.partition.eof": True}
    )
    consumer.assign([TopicPartition("plays", 0, 0)])
    found = []
    try:
        while (message := consumer.poll(20)) is not None and message.error() is None:
            found.append(message.offset() or 0)
    finally:
        consumer.close()
    return found


@pytest.mark.parametrize("kind", ["CreateTime", "LogAppendTime"])
def test_producers_clocks_do_not_scatter_the_lake(
    broker: Tier, lake: Path, kafka_server: KafkaServer, kind: str
) -> None:
    lenient = {"message.timestamp.after.max.ms": str(2**62), "retention.ms": "-1"}
    kafka_server.replace_topics({"plays": 1}, {**lenient, "message.timestamp.type": kind})
    now = int(time.time() * 1000)
    value = json.dumps(PLAY).encode()
    for years in (0, 10, -10, 0, -10, 10):
        produce(broker, [value], timestamp=now + years * YEAR_MS)
    assert land(broker, lake).rows == 6
    stamps = [round((row["_timestamp"].timestamp() * 1000 - now) / YEAR_MS) for row in rows(lake)]
    assert stamps == ([0, 10, -10, 0, -10, 10] if kind == "CreateTime" else [0] * 6)
    (chain,) = account(lake).values()
    hours = [fence.hour.timestamp() * 1000 for fence in chain.fences]
    assert all(abs(hour - now) < 2 * 3_600_000 for hour in hours)


def test_the_largest_and_the_smallest_records_land_as_they_are(
    broker: Tier, lake: Path, kafka_server: KafkaServer
) -> None:
    kafka_server.replace_topics({"plays": 1}, {"max.message.bytes": "8000000"})
    megabyte = json.dumps({**PLAY, "note": "x" * 1_000_000}).encode()
    values = [megabyte, b"", None, b"\x00", b"{" * 5_000_000, *[megabyte] * 20]
    produce(broker, values)
    assert land(broker, lake).rows == len(values)
    assert [row["payload"] for row in rows(lake)] == [
        None if value is None else value.decode() for value in values
    ]
