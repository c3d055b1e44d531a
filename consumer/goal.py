"""Where `--until-end` ends: every partition's end as it was at start-up."""

from __future__ import annotations

import time
from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition

from consumer.identity import Identity
from consumer.kafka import committed, unavailable
from consumer.lander import Lander
from consumer.log import KafkaLog
from consumer.partition import Partition
from consumer.settings import SinkSettings

_ASK_AGAIN_SECONDS = 1.0
# Commits come every few seconds; one that does not move this long may never do so again.
_STALLED_SECONDS = 5.0


class Goal:
    """The high watermark of each partition when the sink started, and whether the group is there yet."""

    def __init__(
        self, consumer: Consumer, settings: SinkSettings, identity: Identity, lander: Lander, log: KafkaLog
    ) -> None:
        self._consumer, self._settings, self._identity = consumer, settings, identity
        self._lander, self._log = lander, log
        self._ends: dict[tuple[str, int], int] = {}
        self._looked: dict[tuple[str, int], tuple[int, float]] = {}
        for topic, count in identity.partitions.items():
            for partition in range(count):
                if end := self._end(topic, partition):
                    self._ends[topic, partition] = end
        self._asked = 0.0

    def _end(self, topic: str, partition: int) -> int:
        """The end of a partition; 0 when it holds nothing."""
        low, high = self._watermarks(topic, partition)
        return high if high > low else 0

    def _watermarks(self, topic: str, partition: int) -> tuple[int, int]:
        where = TopicPartition(topic, partition)
        try:
            found: tuple[int, int] = self._consumer.get_watermark_offsets(
                where, timeout=self._settings.sink_kafka_seconds
            )
        except KafkaException as error:
            raise unavailable(self._settings, error) from error
        return found

    def received(self, owned: Mapping[tuple[str, int], Partition]) -> bool:
        """Whether everything of the owned partitions has arrived: nothing to wait for before landing it."""
        return bool(owned) and all(p.position >= self._ends.get(name, 0) for name, p in owned.items())

    def reached(self, owned: Mapping[tuple[str, int], Partition]) -> bool:
        """Whether all of it is in the lake and committed, by us or by others of the group."""
        elsewhere = [name for name in self._ends if name not in owned]
        for name, partition in owned.items():
            if len(partition.buffer) or partition.uncommitted or partition.position < self._ends.get(name, 0):
                return False
        return not elsewhere or self._landed(elsewhere)

    def _landed(self, names: list[tuple[str, int]]) -> bool:
        """Whether all of `names` is in the lake; the group's commits only say when to look there.

        A commit may be about another lake or a topic that is gone. It may also stay short of the end:
        what follows the last row can be transaction markers and aborted rows, which nobody is given.
        """
        if time.monotonic() - self._asked < _ASK_AGAIN_SECONDS:
            return False
        self._asked = time.monotonic()
        for hint in committed(self._consumer, self._settings, [TopicPartition(*name) for name in names]):
            name = hint.topic, hint.partition
            before, since = self._looked.get(name, (None, 0.0))
            if before != hint.offset:
                since = self._asked
            stalled = self._asked - since >= _STALLED_SECONDS
            self._looked[name] = hint.offset, self._asked if stalled else since
            if stalled or hint.offset >= self._ends[name]:
                self._look(hint)
        return not any(name in self._ends for name in names)

    def _look(self, hint: TopicPartition) -> None:
        """Strike a partition out once the lake has it up to its end."""
        topic, partition = hint.topic, hint.partition
        end = self._ends[topic, partition]
        chain = self._identity.chain(self._settings.sink_name, topic, partition)
        (tail,) = self._lander.resume([(chain, hint.metadata or "")])
        low, _ = self._watermarks(topic, partition)
        if tail.next >= end or (
            low <= tail.next and not self._log.holds(topic, partition, tail.next, end - 1)
        ):
            del self._ends[topic, partition]
