"""Pacing on the embedded broker: nothing is dropped, whatever the sink does."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, TopicPartition

from contracts.errors import BackbeatError
from producer.backlog import LIMIT_BYTES
from producer.broker import EmbeddedBroker
from producer.publisher import Publisher
from producer.settings import KafkaSettings

SIZE = 10_000
FITS = LIMIT_BYTES // (SIZE + 100)


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker({"plays": 1}) as embedded:
        yield embedded


def _settings(broker: EmbeddedBroker) -> KafkaSettings:
    return KafkaSettings(_env_file=None, kafka_bootstrap=broker.bootstrap, pacing_timeout_s=1)  # type: ignore[call-arg]


def _incompressible(count: int) -> list[bytes]:
    noise = random.Random(7)  # noqa: S311
    return [noise.randbytes(SIZE) for _ in range(count)]


def _consumer(broker: EmbeddedBroker) -> Consumer:
    return Consumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": "backbeat-sink", "enable.auto.commit": False}
    )


def _kept(broker: EmbeddedBroker, partition: int = 0) -> tuple[int, int]:
    consumer = _consumer(broker)
    watermarks = consumer.get_watermark_offsets(TopicPartition("plays", partition), timeout=5)
    consumer.close()
    low, high = watermarks
    return low, high


def test_without_a_sink_it_stops_before_anything_is_dropped_and_says_why(broker: EmbeddedBroker) -> None:
    values = _incompressible(2 * FITS)
    with (
        pytest.raises(BackbeatError, match=r"topic plays is full.*backbeat sink.*backbeat-sink"),
        Publisher(_settings(broker)) as publisher,
    ):
        publisher.publish_many("plays", [b"k"] * len(values), values)
    low, high = _kept(broker)
    assert low == 0
    assert FITS * 0.9 < high <= FITS * 1.05


def test_where_order_is_of_no_use_one_keys_events_go_where_there_is_room() -> None:
    values = _incompressible(5 * FITS // 2)
    with EmbeddedBroker({"plays": 3}) as broker:
        with Publisher(_settings(broker), ordered=False) as publisher:
            publisher.publish_many("plays", [b"k"] * len(values), values)
        kept = [_kept(broker, partition) for partition in range(3)]
    assert [low for low, _ in kept] == [0, 0, 0]
    assert sum(high for _, high in kept) == len(values)


def test_with_commits_it_goes_on_and_the_reader_misses_nothing(broker: EmbeddedBroker) -> None:
    values = _incompressible(4 * FITS)
    seen: list[int] = []

    def sink() -> None:
        consumer = _consumer(broker)
        consumer.assign([TopicPartition("plays", 0, 0)])
        while len(seen) < len(values):
            seen.extend(m.offset() for m in consumer.consume(100, 0.1))
            if seen:
                consumer.commit(offsets=[TopicPartition("plays", 0, len(seen))], asynchronous=False)
        consumer.close()

    reader = threading.Thread(target=sink)
    reader.start()
    with Publisher(_settings(broker)) as publisher:
        publisher.publish_many("plays", [b"k"] * len(values), values)
        waited = publisher.waited_s
    reader.join(30)
    assert seen == list(range(len(values)))
    assert waited > 0


def test_while_it_waits_the_watch_may_end_it(broker: EmbeddedBroker) -> None:
    values = _incompressible(2 * FITS)

    def sink_died() -> None:
        raise BackbeatError("the sink is dead")

    with (
        pytest.raises(BackbeatError, match="the sink is dead"),
        Publisher(_settings(broker), watch=sink_died) as publisher,
    ):
        publisher.publish_many("plays", [b"k"] * len(values), values)
