"""Events on their way to the publisher, some thousand of a topic at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from producer.importers.converted import Rejected

_MOST = 5_000


class Publishes(Protocol):
    """How rows leave: see `producer.publisher.Publisher`."""

    def publish(
        self, topic: str, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]] | None = None
    ) -> None:
        """Queue one record."""
        ...

    def publish_many(self, topic: str, keys: Sequence[bytes | None], values: Sequence[bytes]) -> None:
        """Queue records of one topic, in order."""
        ...


class Outbox:
    """Collects accepted events; what is refused leaves at once, with its header."""

    def __init__(self, publisher: Publishes) -> None:
        self._publisher = publisher
        self._waiting: dict[str, tuple[list[bytes | None], list[bytes]]] = defaultdict(lambda: ([], []))

    def add(self, topic: str, key: bytes | None, value: bytes) -> None:
        """Take an event."""
        keys, values = self._waiting[topic]
        keys.append(key)
        values.append(value)
        if len(values) == _MOST:
            self._publisher.publish_many(topic, keys, values)
            del self._waiting[topic]

    def refuse(self, row: Rejected) -> None:
        """Send a refusal."""
        self._publisher.publish(row.topic, row.key, row.value, [row.header])

    def send(self) -> None:
        """Send what is left."""
        for topic, (keys, values) in self._waiting.items():
            self._publisher.publish_many(topic, keys, values)
        self._waiting.clear()
