"""Fences: what one decides, how the chain is walked, and what happens at every crash point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.batch import Batch
from consumer.chain import Tail, resume, walk
from consumer.commit import Committer
from consumer.data import verify, write
from consumer.fence import landing_hour
from consumer.head import Head
from contracts.arrow import bronze_schema
from contracts.errors import BackbeatError
from contracts.lake import Chain

CHAIN = Chain("sink", "cluster", "plays", "topic-id", 3)
NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
NOON_MS = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp() * 1000)


class MemoryStore:
    """A store that can be told to die before it creates a key that contains `dies_at`."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.dies_at: str | None = None

    def create(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        if self.dies_at is not None and self.dies_at in key:
            raise BackbeatError("the process dies here")
        return self.objects.setdefault(key, body) is body

    def get(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def head(self, key: str) -> Head | None:
        return Head(len(self.objects[key])) if key in self.objects else None

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        return iter(sorted(key for key in self.objects if key.startswith(prefix) and key > start_after))

    def offsets(self) -> list[int]:
        bodies = [body for key, body in self.objects.items() if key.endswith(".parquet")]
        tables = [pq.read_table(pa.BufferReader(body)) for body in bodies]
        return sorted(offset for table in tables for offset in table["_offset"].to_pylist())


class MemoryLog:
    """Kafka, holding one record at every offset from `low` on."""

    def __init__(self, low: int = 0, text: bytes = b"not an event") -> None:
        self.low, self.text = low, text

    def read(self, topic: str, partition: int, first: int, last: int) -> Batch:
        offsets = range(max(first, self.low), last + 1)
        return Batch(
            topic,
            partition,
            first,
            last,
            list(offsets),
            [NOON_MS] * len(offsets),
            [None] * len(offsets),
            [self.text] * len(offsets),
            [None] * len(offsets),
        )


def batch(first: int, last: int) -> Batch:
    return MemoryLog().read("plays", 3, first, last)


def land(store: MemoryStore, tail: Tail, last: int, writer: str = "w") -> Tail | None:
    landed = Committer(store, writer, lambda: NOW).land(CHAIN, tail, batch(tail.next, last))
    return None if landed is None else landed[0]


def chain_of(store: MemoryStore, *lasts: int) -> Tail:
    tail = Tail()
    for last in lasts:
        landed = land(store, tail, last)
        assert landed is not None
        tail = landed
    return tail


def test_a_walk_ends_at_the_last_fence_whatever_the_hint() -> None:
    store = MemoryStore()
    tail = chain_of(store, 4, 9, 10)
    for hint in ("", "base=0", "base=5", "base=10", "base=7", "base=", "nonsense"):
        assert walk(store, CHAIN, hint) == tail
    assert tail.next == 11
    assert tail.hint == "base=10"
    assert store.offsets() == list(range(11))


def test_an_empty_chain_begins_at_zero() -> None:
    assert walk(MemoryStore(), CHAIN, "base=50") == Tail()
    assert Tail().next == 0


def test_a_deleted_fence_stops_the_walk() -> None:
    store = MemoryStore()
    chain_of(store, 4, 9, 10)
    del store.objects[CHAIN.fence_key(5)]
    with pytest.raises(BackbeatError, match="a fence begins at 10 where 5 is next"):
        walk(store, CHAIN)


def test_what_is_no_fence_stops_the_walk() -> None:
    store = MemoryStore()
    store.objects[CHAIN.fence_key(0)] = b"{}"
    with pytest.raises(BackbeatError, match="is not a fence"):
        walk(store, CHAIN)


def test_the_fences_name_comes_from_the_tail_alone() -> None:
    store = MemoryStore()
    landed = Committer(store, "w", lambda: NOW).land(CHAIN, Tail(), MemoryLog(low=3).read("plays", 3, 0, 5))
    assert landed is not None
    fence = landed[0].fence
    assert fence is not None
    assert CHAIN.fence_key(0) in store.objects
    assert (fence.base, fence.end, fence.first, fence.last, fence.count) == (0, 5, 3, 5, 3)
    assert fence.gaps == [(0, 2)]
    assert fence.data_key == CHAIN.data_key(0, datetime(2026, 11, 21, 12, tzinfo=UTC))


def test_death_before_the_fence_leaves_nothing() -> None:
    store = MemoryStore()
    store.dies_at = "_sink/"
    with pytest.raises(BackbeatError):
        land(store, Tail(), 4)
    assert store.objects == {}


def test_death_after_the_fence_is_finished_under_the_same_key() -> None:
    store = MemoryStore()
    store.dies_at = ".parquet"
    with pytest.raises(BackbeatError):
        land(store, Tail(), 4, "dead")
    store.dies_at = None
    tail, tally = resume(store, CHAIN, MemoryLog())
    assert tail.next == 5
    assert tail.fence is not None
    assert tail.fence.writer == "dead"
    assert (tally.rows, tally.objects, tally.malformed) == (5, 1, 5)
    assert tail.fence.data_key in store.objects
    assert resume(store, CHAIN, MemoryLog())[1].rows == 0
    assert store.offsets() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("log", [MemoryLog(low=2), MemoryLog(text=b"something else")])
def test_rows_kafka_no_longer_has_are_never_invented(log: MemoryLog) -> None:
    store = MemoryStore()
    store.dies_at = ".parquet"
    with pytest.raises(BackbeatError):
        land(store, Tail(), 4)
    store.dies_at = None
    with pytest.raises(BackbeatError, match="decided 5 rows of plays/3 that Kafka now holds otherwise"):
        resume(store, CHAIN, log)


def test_the_loser_adopts_the_winners_range() -> None:
    store = MemoryStore()
    assert land(store, Tail(), 6, "winner") is not None
    assert land(store, Tail(), 9, "loser") is None
    tail, tally = resume(store, CHAIN, MemoryLog())
    assert tail.next == 7
    assert tally.rows == 0
    assert land(store, tail, 9, "loser") is not None
    assert store.offsets() == list(range(10))


def test_a_paused_owner_may_finish_after_another_did_it_for_him() -> None:
    store = MemoryStore()
    committer = Committer(store, "slow", lambda: NOW)
    store.dies_at = ".parquet"
    with pytest.raises(BackbeatError):
        land(store, Tail(), 4)
    store.dies_at = None
    tail, _ = resume(store, CHAIN, MemoryLog())
    before = dict(store.objects)
    assert tail.fence is not None
    assert write(store, tail.fence, batch(0, 4)).rows == 0
    assert store.objects == before
    assert committer.land(CHAIN, Tail(), batch(0, 4)) is None


def test_foreign_rows_at_a_data_key_are_an_error() -> None:
    store = MemoryStore()
    tail = chain_of(store, 4)
    assert tail.fence is not None
    other = MemoryStore()
    other_tail = chain_of(other, 3)
    assert other_tail.fence is not None
    store.objects[tail.fence.data_key] = other.objects[other_tail.fence.data_key]
    with pytest.raises(BackbeatError, match="holds other rows than its fence decided"):
        verify(store, tail.fence)


def test_the_object_has_the_contracts_schema_and_says_what_it_holds() -> None:
    store = MemoryStore()
    tail = chain_of(store, 4)
    assert tail.fence is not None
    file = pq.ParquetFile(pa.BufferReader(store.objects[tail.fence.data_key]))
    assert file.schema_arrow.equals(bronze_schema("plays"))
    assert file.metadata.metadata[b"backbeat-content-hash"].decode() == tail.fence.content_hash
    assert file.metadata.num_rows == tail.fence.count


@given(st.lists(st.none() | st.integers(-(2**40), 2**47), max_size=20))
def test_hours_never_go_back_nor_far_ahead(stamps: list[int | None]) -> None:
    previous: datetime | None = None
    for stamp in stamps:
        hour = landing_hour(previous, None if stamp is None else max(stamp, 0), NOW)
        assert hour.minute == hour.second == hour.microsecond == 0
        assert previous is None or hour >= previous
        assert hour <= NOW + timedelta(hours=1)
        previous = hour


def test_the_hour_is_the_brokers_unless_it_is_mad() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert landing_hour(None, NOON_MS, NOW) == noon
    assert landing_hour(None, NOON_MS - 1, NOW) == noon - timedelta(hours=1)
    assert landing_hour(noon, NOON_MS - 10**9, NOW) == noon
    assert landing_hour(None, NOON_MS + 10**12, NOW) == noon + timedelta(hours=1)
    assert landing_hour(None, None, NOW) == noon
