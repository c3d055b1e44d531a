"""What a sink believes of what Kafka delivers, and where it begins."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from consumer.chain import Tail
from consumer.fence import Fence
from consumer.folder import FolderStore
from consumer.identity import Identity
from consumer.kafka import END_OF_PARTITION, NO_SUCH_OFFSET, TRUNCATED
from consumer.lander import Lander
from consumer.log import KafkaLog
from consumer.partition import Partition, compare
from consumer.receiver import Receiver
from consumer.settings import SinkSettings
from contracts.errors import BackbeatError
from contracts.lake import Chain
from tests.memory_lake import CHAIN, NOW, MemoryLog, draft


class FakeConsumer:
    """Kafka whose partitions reach from `low` to `high`; remembers where it was sent."""

    def __init__(self, low: int = 0, high: int = 100) -> None:
        self.low, self.high = low, high
        self.sought: list[int] = []

    def get_watermark_offsets(self, where: TopicPartition, timeout: float) -> tuple[int, int]:
        assert timeout > 0
        return self.low, self.high

    def seek(self, where: TopicPartition) -> None:
        self.sought.append(where.offset)


class FakeLog:
    """Answers whether Kafka has a record in a range, from a fixed set of offsets."""

    def __init__(self, *offsets: int) -> None:
        self.offsets = offsets

    def holds(self, topic: str, partition: int, first: int, last: int) -> bool:
        return any(first <= offset <= last for offset in self.offsets)


def message(offset: int, code: int | None = None, topic: str = "plays") -> Message:
    error = None if code is None else KafkaError(code)
    return Message(topic=topic, partition=0, offset=offset, key=b"k", value=b"{}", error=error)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as started:
        yield started


def receiver(
    pool: ThreadPoolExecutor, tmp_path: Any, log: FakeLog, *, embedded: bool = False, on_gap: str = "fail"
) -> tuple[Receiver, Partition]:
    """A receiver that owns plays/0, in whose lake the offsets up to 9 are."""
    settings = SinkSettings.model_validate({"kafka_bootstrap": "nowhere:1", "sink_on_gap": on_gap})
    identity = Identity("cluster", {"plays": "id"}, {"plays": 1}, embedded)
    kafka_log = cast("KafkaLog", log)
    found = Receiver(
        settings, identity, kafka_log, Lander(FolderStore(tmp_path), kafka_log, pool, lambda _: None)
    )
    fence = Fence.model_construct(base=0, end=9)
    partition = Partition(Chain("sink", "cluster", "plays", "id", 0), Tail(fence), committed=10)
    found.owned["plays", 0] = partition
    return found, partition


def take(found: Receiver, consumer: FakeConsumer, *messages: Message) -> None:
    for each in messages:
        found.take(cast("Consumer", consumer), each, now=1.0)


def test_offsets_in_order_are_buffered_and_old_ones_ignored(pool: ThreadPoolExecutor, tmp_path: Any) -> None:
    found, partition = receiver(pool, tmp_path, FakeLog())
    take(found, FakeConsumer(), message(9), message(10), message(11), message(10), message(5, topic="likes"))
    found = partition.buffer.draft()
    assert (found.base, found.end, len(found)) == (10, 11, 2)
    assert partition.position == 12


def test_offsets_that_hold_no_record_become_a_gap(pool: ThreadPoolExecutor, tmp_path: Any) -> None:
    found, partition = receiver(pool, tmp_path, FakeLog())
    take(found, FakeConsumer(), message(12), message(15), message(18, END_OF_PARTITION))
    found = partition.buffer.draft()
    assert (found.base, found.end) == (10, 17)
    assert found.gaps == [(10, 11), (13, 14), (16, 17)]


def test_a_message_from_before_a_seek_is_not_believed(pool: ThreadPoolExecutor, tmp_path: Any) -> None:
    found, partition = receiver(pool, tmp_path, FakeLog(10, 11, 12, 13))
    consumer = FakeConsumer()
    take(found, consumer, message(13), message(14, END_OF_PARTITION))
    assert len(partition.buffer) == 0
    assert consumer.sought == [10, 10]
    take(found, consumer, message(10))
    assert partition.buffer.draft().gaps == []


def test_an_end_behind_transaction_markers_is_reached(pool: ThreadPoolExecutor, tmp_path: Any) -> None:
    found, partition = receiver(pool, tmp_path, FakeLog())
    take(found, FakeConsumer(), message(12, END_OF_PARTITION))
    assert (partition.position, len(partition.buffer)) == (12, 0)
    take(found, FakeConsumer(), message(12))
    assert partition.buffer.draft().gaps == [(10, 11)]


def test_on_the_embedded_broker_every_jump_is_a_loss(pool: ThreadPoolExecutor, tmp_path: Any) -> None:
    found, _ = receiver(pool, tmp_path, FakeLog(), embedded=True)
    with pytest.raises(BackbeatError, match="plays/0 lost the offsets 10 to 11 before they were landed"):
        take(found, FakeConsumer(), message(12))


def test_rows_dropped_by_retention_stop_the_sink_unless_told(pool: ThreadPoolExecutor, tmp_path: Any) -> None:
    found, _ = receiver(pool, tmp_path, FakeLog())
    with pytest.raises(BackbeatError, match=r"lost the offsets 10 to 49 .* BACKBEAT_SINK_ON_GAP=record"):
        take(found, FakeConsumer(low=50), message(10, NO_SUCH_OFFSET))
    noted, partition = receiver(pool, tmp_path, FakeLog(), on_gap="record")
    consumer = FakeConsumer(low=50)
    take(noted, consumer, message(10, NO_SUCH_OFFSET), message(50))
    assert consumer.sought == [50]
    assert partition.buffer.draft().gaps == [(10, 49)]


def test_a_truncated_topic_stops_the_sink(pool: ThreadPoolExecutor, tmp_path: Any) -> None:
    found, _ = receiver(pool, tmp_path, FakeLog(), on_gap="record")
    with pytest.raises(BackbeatError, match=r"plays/0 was truncated .* it ends at offset 5, .* rows up to 9"):
        take(found, FakeConsumer(high=5), message(10, NO_SUCH_OFFSET))


def test_messages_of_an_assignment_that_has_ended_are_dropped(
    pool: ThreadPoolExecutor, tmp_path: Any
) -> None:
    found, partition = receiver(pool, tmp_path, FakeLog())
    consumer, asked = cast("Consumer", FakeConsumer()), found.generation
    fetched = [message(10), message(11), message(12, topic="likes")]
    assert list(found.current(consumer, fetched, asked)) == fetched
    found.generation = 1  # plays/0 was revoked and came back while consume() was running
    again = Partition(partition.chain, partition.tail, committed=10, generation=1)
    found.owned["plays", 0] = again
    assert [each.topic() for each in found.current(consumer, fetched, asked)] == ["likes"]
    assert cast("FakeConsumer", consumer).sought == [10]
    assert list(found.current(consumer, fetched, found.generation)) == fetched


@pytest.mark.parametrize(("last_epoch", "offset", "epoch"), [(4, 10, 4), (None, 10, None), (4, 11, None)])
def test_the_epoch_is_passed_on_only_right_behind_its_row(
    last_epoch: int | None, offset: int, epoch: int | None
) -> None:
    tail = Tail(Fence.model_construct(base=0, end=9, last=9, last_epoch=last_epoch))
    partition = Partition(Chain("sink", "cluster", "plays", "id", 0), tail, committed=10)
    assert partition.start(offset).leader_epoch == epoch


def test_another_record_where_the_last_landed_one_was_stops_the_sink() -> None:
    mine = draft(0, 9)
    tail = Tail(Fence.of(CHAIN, mine, None, NOW, "w"))
    partition = Partition(CHAIN, tail, committed=10)
    compare(partition, MemoryLog().batch("plays", 3, 9, 9))
    compare(partition, None)  # retention has dropped it since
    other = MemoryLog(text=b"something else").batch("plays", 3, 9, 9)
    with pytest.raises(BackbeatError, match=r"plays/3 was truncated or replaced .* record is at offset 9"):
        compare(partition, other)
    assert tail.fence is not None
    older = tail.fence.model_copy(update={"last_hash": None})
    compare(Partition(CHAIN, Tail(older), committed=10), other)


def test_a_log_that_the_leader_calls_truncated_stops_the_sink(
    pool: ThreadPoolExecutor, tmp_path: Any
) -> None:
    found, _ = receiver(pool, tmp_path, FakeLog())
    with pytest.raises(BackbeatError, match="plays/0 was truncated or replaced in Kafka"):
        take(found, FakeConsumer(), message(10, TRUNCATED))


def test_a_refusal_stops_the_sink_a_passing_error_does_not(pool: ThreadPoolExecutor, tmp_path: Any) -> None:
    found, _ = receiver(pool, tmp_path, FakeLog())
    with pytest.raises(
        BackbeatError, match=r"Kafka at nowhere:1 \(BACKBEAT_KAFKA_BOOTSTRAP\) does not serve"
    ):
        take(found, FakeConsumer(), message(0, KafkaError.TOPIC_AUTHORIZATION_FAILED, topic="likes"))
