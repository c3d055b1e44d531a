"""Where `--until-end` ends: every partition's end as it was at start-up."""

from __future__ import annotations

import time
from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition

from consumer.identity import Identity
from consumer.kafka import committed, unavailable
from consumer.partition import Partition
from consumer.settings import SinkSettings

_ASK_AGAIN_SECONDS = 1.0


class Goal:
    """The high watermark of each partition when the sink started, and whether the group is there yet."""

    def __init__(self, consumer: Consumer, settings: SinkSettings, identity: Identity) -> None:
        self._consumer, self._settings = consumer, settings
        self._ends: dict[tuple[str, int], int] = {}
        for topic, count in identity.partitions.items():
            for partition in range(count):
                if end := self._end(topic, partition):
                    self._ends[topic, partition] = end
        self._asked = 0.0

    def _end(self, topic: str, partition: int) -> int:
        """The end of a partition; 0 when it holds nothing."""
        where = TopicPartition(topic, partition)
        try:
            low, high = self._consumer.get_watermark_offsets(where, timeout=self._settings.sink_kafka_seconds)
        except KafkaException as error:
            raise unavailable(self._settings, error) from error
        return high if high > low else 0

    def received(self, owned: Mapping[tuple[str, int], Partition]) -> bool:
        """Whether everything of the owned partitions has arrived: nothing to wait for before landing it."""
        return bool(owned) and all(p.position >= self._ends.get(name, 0) for name, p in owned.items())

    def reached(self, owned: Mapping[tuple[str, int], Partition]) -> bool:
        """Whether all of it is in the lake and committed, by us or by other members of the group."""
        elsewhere = [name for name in self._ends if name not in owned]
        for name, partition in owned.items():
            if len(partition.buffer) or partition.uncommitted or partition.position < self._ends.get(name, 0):
                return False
        return not elsewhere or self._committed(elsewhere)

    def _committed(self, names: list[tuple[str, int]]) -> bool:
        if time.monotonic() - self._asked < _ASK_AGAIN_SECONDS:
            return False
        self._asked = time.monotonic()
        answers = committed(self._consumer, self._settings, [TopicPartition(*name) for name in names])
        return all(answer.offset >= self._ends[answer.topic, answer.partition] for answer in answers)
