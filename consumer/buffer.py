"""What a partition has received and not landed yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from confluent_kafka import Message

from consumer.batch import Records
from consumer.draft import Draft

# Decoded at a time: bytes that were just received are still in the processor's cache. With 16,000 rows
# at once decoding took half as long again.
SLICE_ROWS, SLICE_BYTES = 4_000, 4 * 1024**2
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
    """Records of one partition in offset order, from the offset `base` that the lake expects next.

    The newest are held as they came, a slice's worth; those before them are in the draft already.
    """

    def __init__(self, topic: str, partition: int, base: int) -> None:
        self._topic, self._partition = topic, partition
        self.restart(base)

    def restart(self, base: int) -> None:
        """Hold nothing, and expect `base` next."""
        self.base = self.next = base
        self.payload_bytes = 0
        self.opened_at = 0.0
        self._draft = Draft(self._topic, self._partition, base)
        self._begin_slice()

    def _begin_slice(self) -> None:
        self._slice = Records(self._topic, self._partition)
        self._slice_bytes = 0
        self._latest: Received | None = None

    def __len__(self) -> int:
        return len(self._draft) + len(self._slice)

    @property
    def bytes(self) -> int:
        """What it takes in memory."""
        return self._draft.held_bytes + self._slice_bytes + _RECORD_OVERHEAD * len(self._slice)

    def append(self, offset: int, message: Received, now: float) -> None:
        """Take the record at `offset`, which must not be behind `next`; `now` in monotonic seconds."""
        if offset < self.next:
            raise ValueError(f"offset {offset} is behind {self.next}")
        _append(self._slice, message)
        self._took([offset], _size(message), message, now)

    def extend(self, offsets: Sequence[int], messages: Sequence[Message], now: float) -> bool:
        """Take a run of records at `offsets`, the first of them `next` and each the next of the one before.

        False, and nothing is taken, when one of them has a timestamp to be looked at by `append`.
        """
        kinds, timestamps = zip(*map(Message.timestamp, messages), strict=True)
        if _NO_TIMESTAMP in kinds or min(timestamps) < 0 or max(timestamps) >= _YEAR_10000:
            return False
        self._slice.timestamps += timestamps
        self._slice.keys += map(Message.key, messages)
        self._slice.values += map(Message.value, messages)
        headers = map(Message.headers, messages)
        self._slice.headers += [heads or None for heads in headers]  # type: ignore[misc]  # never a dict
        self._took(offsets, sum(map(len, messages)), messages[-1], now)
        return True

    def _took(self, offsets: Sequence[int], size: int, latest: Received, now: float) -> None:
        if not len(self):
            self.opened_at = now
        self._slice.offsets += offsets
        self._slice_bytes += size
        self.payload_bytes += size
        self._latest = latest
        self.next = offsets[-1] + 1
        if len(self._slice) >= SLICE_ROWS or self._slice_bytes >= SLICE_BYTES:
            self._seal()

    def _seal(self) -> None:
        """Decode the slice into the draft."""
        if len(self._slice):
            self._draft.add(self.newest().batch())
            self._begin_slice()

    def newest(self) -> Records:
        """The slice: records not decoded yet."""
        if self._latest is not None:
            self._slice.last_epoch = self._latest.leader_epoch()
        return self._slice

    def reach(self, offset: int) -> None:
        """Kafka has nothing below `offset`: offsets in between (transaction markers) hold no record."""
        if len(self):
            self.next = max(self.next, offset)

    def draft(self) -> Draft:
        """Everything held, as one contiguous range, to be landed; the buffer keeps it until `restart`."""
        self._seal()
        self._draft.reach(self.next - 1)
        return self._draft

    def squeeze(self) -> None:
        """Give memory back without giving up anything."""
        self._seal()
        self._draft.squeeze()


def single(topic: str, partition: int, offset: int, message: Received) -> Records:
    """One record alone."""
    found = Records(topic, partition, [offset], last_epoch=message.leader_epoch())
    _append(found, message)
    return found


def _append(records: Records, message: Received) -> None:
    kind, timestamp = message.timestamp()
    # A producer can stamp anything; one time no reader can represent would spoil the whole object.
    known = kind != _NO_TIMESTAMP and 0 <= timestamp < _YEAR_10000
    records.timestamps.append(timestamp if known else None)
    records.keys.append(message.key())
    records.values.append(message.value())
    records.headers.append(message.headers() or None)  # type: ignore[arg-type]  # never a dict


def _size(message: Received) -> int:
    return len(message.value() or b"")
