"""A store and a log in memory, and the chain of fences that tests lay down in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from consumer.batch import Batch, Records
from consumer.chain import Tail
from consumer.commit import Committer
from consumer.draft import Draft
from consumer.head import Head
from consumer.permit import Permit, too_late
from contracts.errors import BackbeatError
from contracts.lake import Chain

CHAIN = Chain("sink", "cluster", "plays", "topic-id", 3)
NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
NOON_MS = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp() * 1000)


class MemoryStore:
    """A store that can be told to die before it creates a key that contains `dies_at`; it is always `now`."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.dies_at: str | None = None
        self.now = NOW

    def create(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        if self.dies_at is not None and self.dies_at in key:
            raise BackbeatError("the process dies here")
        return self.objects.setdefault(key, body) is body

    def deadline(self) -> datetime:
        return self.now + timedelta(minutes=10)

    def permit(self, key: str, metadata: Mapping[str, str], until: datetime) -> Permit:
        def create(body: bytes) -> bool:
            if self.now >= until:
                raise too_late(key, until)
            return self.create(key, body, metadata)

        return create

    def get(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def head(self, key: str) -> Head | None:
        return Head(len(self.objects[key])) if key in self.objects else None

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        return iter(sorted(key for key in self.objects if key.startswith(prefix) and key > start_after))

    def last(self, prefix: str, start_after: str = "") -> Sequence[str]:
        return list(self.list(prefix, start_after))[-2:]

    def offsets(self) -> list[int]:
        bodies = [body for key, body in self.objects.items() if key.endswith(".parquet")]
        tables = [pq.read_table(pa.BufferReader(body)) for body in bodies]
        return sorted(offset for table in tables for offset in table["_offset"].to_pylist())


class MemoryLog:
    """Kafka, holding one record at every offset from `low` on."""

    def __init__(self, low: int = 0, text: bytes = b"not an event") -> None:
        self.low, self.text = low, text

    def batch(self, topic: str, partition: int, first: int, last: int) -> Batch:
        offsets = range(max(first, self.low), last + 1)
        absent: list[None] = [None] * len(offsets)
        times, values = [NOON_MS] * len(offsets), [self.text] * len(offsets)
        return Records(topic, partition, list(offsets), list(times), absent, list(values), absent).batch()

    def read(self, topic: str, partition: int, first: int, last: int) -> Draft:
        found = Draft(topic, partition, first)
        if last >= self.low:
            found.add(self.batch(topic, partition, first, last))
        found.reach(last)
        return found


def draft(first: int, last: int) -> Draft:
    return MemoryLog().read("plays", 3, first, last)


def land(store: MemoryStore, tail: Tail, last: int, writer: str = "w") -> Tail | None:
    landed = Committer(store, writer, lambda: NOW).land(CHAIN, tail, draft(tail.next, last))
    return None if landed is None else landed[0]


def chain_of(store: MemoryStore, *lasts: int) -> Tail:
    tail = Tail()
    for last in lasts:
        landed = land(store, tail, last)
        assert landed is not None
        tail = landed
    return tail
