"""A Kafka partition while this process owns it."""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaException, TopicPartition

from consumer.buffer import Buffer
from consumer.chain import Tail
from consumer.kafka import unavailable
from consumer.settings import SinkSettings
from contracts.errors import BackbeatError
from contracts.lake import Chain


class Partition:
    """One assignment of one partition: its place in the lake, and what has been received since.

    A new assignment is a new object, so nothing buffered under an old one can be landed under it.
    """

    def __init__(self, chain: Chain, tail: Tail, committed: int) -> None:
        self.chain = chain
        self.committed = committed
        self.adopt(tail)

    def adopt(self, tail: Tail) -> None:
        """Go on from `tail`, forgetting what is buffered; the next jump in offsets is not believed yet.

        After an assignment or a seek, messages fetched before it may still be on their way.
        """
        self.tail = tail
        self.buffer = Buffer(self.chain.topic, self.chain.partition, tail.next)
        self.position = tail.next
        self.trusted = False

    def landed(self, tail: Tail) -> None:
        """What was buffered is in the lake now."""
        self.tail = tail
        self.buffer.restart(tail.next)

    def at(self, offset: int) -> TopicPartition:
        """This partition at `offset`, as Kafka names it."""
        return TopicPartition(self.chain.topic, self.chain.partition, offset)

    @property
    def name(self) -> str:
        """topic/partition, for people."""
        return f"{self.chain.topic}/{self.chain.partition}"

    @property
    def found(self) -> tuple[Chain, str]:
        """The chain, and where to begin walking it again."""
        return self.chain, self.tail.hint

    @property
    def hint(self) -> TopicPartition:
        """The commit that tells Kafka how far the lake is."""
        return TopicPartition(self.chain.topic, self.chain.partition, self.tail.next, self.tail.hint)

    @property
    def uncommitted(self) -> bool:
        """Whether Kafka has not been told yet how far the lake is."""
        return self.tail.fence is not None and self.committed != self.tail.next


def starting_offset(
    consumer: Consumer, settings: SinkSettings, partition: Partition, *, embedded: bool
) -> int:
    """Where to read on: the lake's tail, or the log's start if rows below it are gone and that is allowed."""
    tail = partition.tail.next
    try:
        low, high = consumer.get_watermark_offsets(partition.at(tail), timeout=settings.sink_kafka_seconds)
    except KafkaException as error:
        raise unavailable(settings, error) from error
    if high < tail:
        raise BackbeatError(
            f"{partition.name} ends at offset {high} in Kafka, before the {tail} the lake goes on from: "
            "the topic was truncated"
        )
    if low <= tail:
        return tail
    # Rows older than a sink's first start were never its to land; they are in its first fence as a gap.
    unseen = partition.tail.fence is None and not embedded
    if not unseen and (embedded or settings.sink_on_gap == "fail"):
        raise gap_error(partition, low, embedded=embedded)
    return low


def gap_error(partition: Partition, found: int, *, embedded: bool) -> BackbeatError:
    """The one line for rows that Kafka dropped before they were landed."""
    lost = f"{partition.name} lost the offsets {partition.buffer.next} to {found - 1} before they were landed"
    if embedded:
        return BackbeatError(
            f"{lost}: the embedded broker keeps 5 MiB a partition, and its producer outran it"
        )
    return BackbeatError(
        f"{lost}: lengthen Kafka's retention; BACKBEAT_SINK_ON_GAP=record notes the gap and goes on"
    )
