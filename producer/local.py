"""Where a publishing command publishes to: the configured Kafka, or a stack of its own for the time it runs.

    with publishing(KafkaSettings()) as (publisher, drain):
        publisher.publish_many("plays", keys, values)
        summary = drain()          # SinkSummary(rows, objects, bytes, malformed), or None on a configured Kafka

With BACKBEAT_KAFKA_BOOTSTRAP empty, `publishing` starts the embedded broker and a `backbeat sink` that lands in
BACKBEAT_LAKE. `drain()` flushes the publisher, waits until that sink has landed everything and stops it; call it
once, after the last event. Leaving the block without it (because of an error) stops sink and broker too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from producer.publisher import Publisher
from producer.settings import KafkaSettings


@dataclass(frozen=True)
class SinkSummary:
    """What the sink landed: rows, objects, their bytes, and how many rows did not fit the contract."""

    rows: int
    objects: int
    bytes: int
    malformed: int


@contextmanager
def publishing(
    settings: KafkaSettings,
) -> Iterator[tuple[Publisher, Callable[[], SinkSummary | None]]]:
    """A publisher and the function that waits until all it published has been landed (None: not ours to wait for)."""
    with Publisher(settings) as publisher:
        yield publisher, lambda: None
