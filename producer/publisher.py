"""The one way an event leaves this room: an idempotent, acknowledged, compressed Kafka producer.

    with Publisher(KafkaSettings()) as publisher:
        publisher.publish("plays", b"sim-000123", value, [("backbeat-rejected", b"import_bad_time: 25:61")])
        publisher.publish_many("plays", keys, values)          # the fast way: two equally long sequences of bytes
        publisher.flush()
        publisher.acknowledged                                  # {"plays": 2, …}, exact after flush()

Opening, publishing and flushing raise `BackbeatError` when Kafka is not there, refuses an event or does not
acknowledge it in time. On the embedded broker, publishing also waits for the sink (see `producer.pacing`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from producer.settings import KafkaSettings

Headers = list[tuple[str, bytes]]


class Publisher:
    """Publishes events; not for use by two threads at once. `watch` is called while waiting, and may raise."""

    def __init__(self, settings: KafkaSettings, watch: Callable[[], None] | None = None) -> None:
        self.settings = settings
        self.acknowledged: Counter[str] = Counter()
        self.acknowledged_bytes = 0
        self._watch = watch

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def publish(self, topic: str, key: bytes | None, value: bytes, headers: Headers | None = None) -> None:
        """Queue one event; raises `BackbeatError` if it, or one before it, cannot be delivered."""

    def publish_many(self, topic: str, keys: Sequence[bytes | None], values: Sequence[bytes]) -> None:
        """Queue events of one topic, in order: `keys[i]` belongs to `values[i]`."""

    def flush(self) -> None:
        """Return when Kafka has acknowledged everything published; only then `acknowledged` is exact."""
