"""How far the sink's consumer group has committed, and how far each partition reaches."""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from producer.connection import Connection
from producer.settings import KafkaSettings

Partition = tuple[str, int]


class GroupOffsets:
    """Reads the offsets of `settings.sink_name` without joining the group; raises `BackbeatError`."""

    def __init__(self, settings: KafkaSettings, connection: Connection) -> None:
        self._connection = connection
        self._timeout_s = settings.connect_timeout_s
        self._consumer = connection.consumer({"group.id": settings.sink_name})
        self._admin = AdminClient(connection.config({}))

    def close(self) -> None:
        """Let go of the connections."""
        self._consumer.close()

    def committed(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The next offset the group wants of each partition; 0 where it has committed nothing."""
        asked = [TopicPartition(topic, partition) for topic, partition in partitions]
        try:
            answer = self._consumer.committed(asked, timeout=self._timeout_s)
        except KafkaException as error:
            raise self._connection.error("does not tell committed offsets", error) from error
        return {(entry.topic, entry.partition): max(entry.offset, 0) for entry in answer}

    def ends(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The offset that the next event of each partition will get."""
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        asked = {TopicPartition(topic, partition): latest for topic, partition in partitions}
        try:
            answer = self._admin.list_offsets(asked, request_timeout=self._timeout_s)
            return {
                (entry.topic, entry.partition): future.result().offset for entry, future in answer.items()
            }
        except KafkaException as error:
            raise self._connection.error("does not tell the ends of its partitions", error) from error
