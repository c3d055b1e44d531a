"""Once a second the loop itself says what it owns, holds and lags behind; nobody asks Kafka for it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable

from confluent_kafka import Consumer

from consumer.partition import Partition
from consumer.watch import metrics
from consumer.watch.health import HEALTH

_EVERY_SECONDS = 1.0


class Lookout:
    """Keeps the gauges; series of partitions that are gone go with them."""

    def __init__(self) -> None:
        self._looked = 0.0
        self._known: set[tuple[str, int]] = set()
        self._topics: set[str] = set()

    def turn(self, consumer: Consumer, owned: Iterable[Partition]) -> None:
        """The loop came round."""
        HEALTH.turned()
        if time.monotonic() - self._looked >= _EVERY_SECONDS:
            self.look(consumer, list(owned))

    def look(self, consumer: Consumer, owned: list[Partition]) -> None:
        """Set the gauges now."""
        self._looked = time.monotonic()
        metrics.TURNED.set_to_current_time()
        lags = {(p.chain.topic, p.chain.partition): lag(consumer, p) for p in owned}
        HEALTH.owns(lags)
        for topic, partition in self._known - lags.keys():
            metrics.LAG.remove(topic, str(partition))
        for (topic, partition), rows in lags.items():
            metrics.LAG.labels(topic, str(partition)).set(rows)
        counts = Counter(topic for topic, _ in lags)
        self._known, self._topics = set(lags), self._topics | counts.keys()
        for topic in self._topics:
            metrics.OWNED.labels(topic).set(counts[topic])
        metrics.BUFFERED_ROWS.set(sum(len(partition.buffer) for partition in owned))
        metrics.BUFFERED_BYTES.set(sum(partition.buffer.bytes for partition in owned))


def lag(consumer: Consumer, partition: Partition) -> int:
    """Rows that Kafka has and the lake has not.

    With nothing buffered, what lies between the lake's tail and the position is no rows but transaction
    markers and aborted ones: they come into the lake, as a gap, with the next row.
    """
    done = partition.tail.next if len(partition.buffer) else partition.position
    return max(int(consumer.get_watermark_offsets(partition.at(0), cached=True)[1]) - done, 0)
