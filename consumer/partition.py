"""A Kafka partition while this process owns it."""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaException, TopicPartition

from consumer.batch import Batch
from consumer.buffer import Buffer
from consumer.chain import Tail
from consumer.draft import last_hash
from consumer.kafka import unavailable
from consumer.settings import SinkSettings
from contracts.errors import BackbeatError
from contracts.lake import Chain


class Partition:
    """One assignment of one partition: its place in the lake, and what has been received since.

    A new assignment is a new object of a later `generation`, so nothing buffered under an old one can be
    landed under it. Generation 0 is the first: nothing older can still be on its way.
    """

    def __init__(self, chain: Chain, tail: Tail, committed: int, generation: int = 0) -> None:
        self.chain = chain
        self.committed = committed
        self.generation = generation
        self.adopt(tail)

    def adopt(self, tail: Tail) -> None:
        """Go on from `tail`, forgetting what is buffered; the next jump in offsets is not believed yet.

        After an assignment or a seek, messages fetched before it may still be on their way.
        """
        self.tail = tail
        self.buffer = Buffer(self.chain.topic, self.chain.partition, tail.next)
        self.position = tail.next
        self.trusted = False
        self.object_bytes = 0

    def landed(self, tail: Tail, object_bytes: int) -> None:
        """What was buffered is in the lake now, in an object of this size."""
        self.tail, self.object_bytes = tail, object_bytes
        self.buffer.restart(tail.next)

    def at(self, offset: int) -> TopicPartition:
        """This partition at `offset`, as Kafka names it."""
        return TopicPartition(self.chain.topic, self.chain.partition, offset)

    def start(self, offset: int) -> TopicPartition:
        """Where to begin, with the epoch of the row before it, by which Kafka can tell a truncated log.

        Only right behind that row: transaction markers after it may be of a later epoch.
        """
        fence = self.tail.fence
        if fence is None or fence.last_epoch is None or offset != fence.last + 1:
            return self.at(offset)
        return TopicPartition(self.chain.topic, self.chain.partition, offset, leader_epoch=fence.last_epoch)

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
        """Whether Kafka has not been told yet how far the lake is.

        Of an empty chain it need not be told, unless it was told more: a commit names a topic, not an id,
        so the last one for a topic that was deleted can come to stand for the new one of its name.
        """
        told_wrongly = self.committed > self.tail.next
        return told_wrongly or (self.tail.fence is not None and self.committed != self.tail.next)


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
        raise truncated(partition, f"it ends at offset {high}")
    if low <= tail:
        return tail
    # Rows older than a sink's first start were never its to land; they are in its first fence as a gap.
    unseen = partition.tail.fence is None and not embedded
    if not unseen and (embedded or settings.sink_on_gap == "fail"):
        raise gap_error(partition, low, embedded=embedded)
    return low


def truncated(partition: Partition, finding: str) -> BackbeatError:
    """The one line for a log that is not the one whose rows are in the lake."""
    return BackbeatError(
        f"{partition.name} was truncated or replaced in Kafka: {finding}, but the lake has its rows up to "
        f"{partition.tail.next - 1}. Restore it, or land it as another sink (BACKBEAT_SINK_NAME)"
    )


def compare(partition: Partition, held: Batch | None) -> None:
    """BackbeatError unless `held`, what Kafka has where the lake's last row came from, is that row.

    None: retention or compaction has dropped it since, which proves nothing.
    """
    fence = partition.tail.fence
    if fence is None or held is None or fence.last_hash in {None, last_hash(held)}:
        return
    raise truncated(partition, f"another record is at offset {fence.last}")


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
