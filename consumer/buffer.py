"""What a partition has received and not landed yet, and when it is time to land it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol, TypeVar

from consumer.batch import Batch, Headers

# What one record costs beside its bytes: five list cells and the objects they point to.
_RECORD_OVERHEAD = 250
_YEAR_10000 = 253_402_300_800_000
# As librdkafka's binding types them; what comes from a broker is always a list of bytes.
KafkaHeaders = dict[str, str | bytes | None] | list[tuple[str, str | bytes | None]] | None
_NO_TIMESTAMP = 0  # confluent_kafka.TIMESTAMP_NOT_AVAILABLE


class Received(Protocol):
    """What a buffer asks of a Kafka message."""

    def timestamp(self) -> tuple[int, int]:
        """Kind of timestamp, and epoch milliseconds."""

    def key(self) -> bytes | None:
        """The key."""

    def value(self) -> bytes | None:
        """The payload."""

    def headers(self) -> KafkaHeaders:
        """The headers, in order."""

    def leader_epoch(self) -> int | None:
        """The leader epoch it was written under, where the broker tells it."""


class Buffer:
    """Records of one partition in offset order, from the offset `base` that the lake expects next."""

    def __init__(self, topic: str, partition: int, base: int) -> None:
        self._topic, self._partition = topic, partition
        self.base = base
        self._clear(base)

    def _clear(self, base: int) -> None:
        self.base = self.next = base
        self.bytes = 0
        self.opened_at = 0.0
        self._offsets: list[int] = []
        self._timestamps: list[int | None] = []
        self._keys: list[bytes | None] = []
        self._values: list[bytes | None] = []
        self._headers: list[Headers | None] = []
        self._latest: Received | None = None

    def __len__(self) -> int:
        return len(self._offsets)

    def append(self, offset: int, message: Received, now: float) -> None:
        """Take the record at `offset`, which must not be behind `next`; `now` in monotonic seconds."""
        if offset < self.next:
            raise ValueError(f"offset {offset} is behind {self.next}")
        if not self._offsets:
            self.opened_at = now
        kind, timestamp = message.timestamp()
        # A producer can stamp anything; one time no reader can represent would spoil the whole object.
        known = kind != _NO_TIMESTAMP and 0 <= timestamp < _YEAR_10000
        key, value = message.key(), message.value()
        self._offsets.append(offset)
        self._timestamps.append(timestamp if known else None)
        self._keys.append(key)
        self._values.append(value)
        self._headers.append(message.headers() or None)  # type: ignore[arg-type]  # never a dict
        self._latest = message
        self.bytes += len(value or b"") + len(key or b"") + _RECORD_OVERHEAD
        self.next = offset + 1

    def reach(self, offset: int) -> None:
        """Kafka has nothing below `offset`: offsets in between (transaction markers) hold no record."""
        if self._offsets:
            self.next = max(self.next, offset)

    def batch(self) -> Batch:
        """Everything held, as one contiguous range; the buffer keeps it until `restart`."""
        return Batch(
            self._topic,
            self._partition,
            self.base,
            self.next - 1,
            self._offsets,
            self._timestamps,
            self._keys,
            self._values,
            self._headers,
            None if self._latest is None else self._latest.leader_epoch(),
        )

    def restart(self, base: int) -> None:
        """Hold nothing, and expect `base` next."""
        self._clear(base)


class Buffered(Protocol):
    """Anything with a buffer."""

    @property
    def buffer(self) -> Buffer:
        """The buffer."""


_Owner = TypeVar("_Owner", bound=Buffered)


@dataclass(frozen=True)
class FlushPolicy:
    """When to land: a buffer by its own bytes, rows or age (seconds), all by their bytes together."""

    flush_bytes: int
    flush_rows: int
    flush_seconds: float
    total_bytes: int

    def due(self, owners: Collection[_Owner], now: float) -> list[_Owner]:
        """Whose buffers to land now.

        Once one is too old, all that are half as old go with it: one round of commits, not one each.
        """
        filled = [owner for owner in owners if len(owner.buffer)]
        if sum(owner.buffer.bytes for owner in filled) >= self.total_bytes:
            return filled
        oldest = min((owner.buffer.opened_at for owner in filled), default=now)
        age = self.flush_seconds / 2 if now - oldest >= self.flush_seconds else self.flush_seconds
        return [owner for owner in filled if self._full(owner.buffer) or now - owner.buffer.opened_at >= age]

    def _full(self, buffer: Buffer) -> bool:
        return buffer.bytes >= self.flush_bytes or len(buffer) >= self.flush_rows
