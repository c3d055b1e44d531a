"""What the sink's parts report as it happens: each event counted, and told in the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from consumer.kafka import ALL_DOWN, reason
from consumer.partition import Partition
from consumer.settings import SinkSettings
from consumer.tally import Tally
from consumer.watch import metrics
from consumer.watch.health import HEALTH
from consumer.watch.journal import JOURNAL
from contracts.errors import BackbeatError
from contracts.lake import Chain


@contextmanager
def running(settings: SinkSettings, topics: Iterable[str]) -> Iterator[None]:
    """The sink follows Kafka within the block; what ends it is told."""
    topics = list(topics)
    metrics.prepare(topics)
    JOURNAL.info(
        "sink_started",
        sink=settings.sink_name,
        kafka=settings.kafka_bootstrap,
        lake=settings.lake,
        topics=topics,
    )
    try:
        yield
    except (BackbeatError, KafkaException) as error:
        told = reason(error) if isinstance(error, KafkaException) else str(error)
        metrics.ERRORS.labels("fatal").inc()
        HEALTH.failed(told)
        JOURNAL.error("sink_failed", error=told)
        raise


def stopped(tally: Tally) -> None:
    """The sink has ended as it was told to."""
    JOURNAL.info("sink_stopped", **tally.summary())


def object_landed(partition: Partition, tally: Tally) -> None:
    """A partition's buffer is in the lake; its tail is the new one."""
    fence = partition.tail.fence
    if fence is not None:
        JOURNAL.debug(
            "object_landed",
            partition=partition.name,
            base=fence.base,
            end=fence.end,
            key=fence.data_key,
            **tally.summary(),
        )


def overtaken(partition: Partition) -> None:
    """Another owner was first, and has landed up to the partition's new tail."""
    JOURNAL.warning("overtaken", partition=partition.name, next=partition.tail.next)


def finished(chain: Chain, tally: Tally) -> None:
    """An owner that died had decided these rows; this process put them into the lake."""
    metrics.FENCES.labels("finished").inc()
    JOURNAL.info("predecessor_finished", partition=f"{chain.topic}/{chain.partition}", **tally.summary())


def rebalanced(change: str, partitions: Iterable[TopicPartition]) -> None:
    """The group gave or took partitions: `assigned`, `revoked` or `lost`."""
    metrics.REBALANCES.labels(change).inc()
    if change == "assigned":
        HEALTH.assigned()
    names = sorted(f"{each.topic}/{each.partition}" for each in partitions)
    JOURNAL.info(f"partitions_{change}", partitions=names)


_Callback = Callable[[Consumer, list[TopicPartition]], None]


def told(change: str, callback: _Callback) -> _Callback:
    """`callback`, and then the news that the group has made this `change`."""

    def answer(consumer: Consumer, partitions: list[TopicPartition]) -> None:
        callback(consumer, partitions)
        rebalanced(change, partitions)

    return answer


def started_at(partition: Partition, offset: int) -> None:
    """A partition is read from `offset`; what is missing before it goes into the next fence as a gap."""
    if offset > partition.tail.next:
        JOURNAL.warning("gap_recorded", partition=partition.name, first=partition.tail.next, last=offset - 1)


def kafka_error(error: KafkaError) -> None:
    """librdkafka reports what it met; most of it, it gets over by itself."""
    metrics.ERRORS.labels("kafka").inc()
    JOURNAL.debug("kafka_error", error=reason(error))
    if error.code() == ALL_DOWN:
        HEALTH.trouble("Kafka", reason(error))
