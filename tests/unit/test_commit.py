"""The commit: what a fence decides, and what every crash point leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from consumer.chain import Tail, resume
from consumer.commit import Committer
from consumer.data import verify, write
from consumer.head import Head
from contracts.arrow import bronze_schema
from contracts.errors import BackbeatError
from tests.memory_lake import CHAIN, NOW, MemoryLog, MemoryStore, chain_of, draft, land


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
    permit = store.permit(tail.fence.data_key, tail.fence.stamp(), store.deadline())
    assert write(store, tail.fence, draft(0, 4), permit).rows == 0
    assert store.objects == before
    assert committer.land(CHAIN, Tail(), draft(0, 4)) is None


def test_a_fence_of_ours_that_seemed_lost_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    create = store.create

    def answers_get_lost(key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        created = create(key, body, metadata)
        return created and "_sink/" not in key  # tried again by something below us, it is there already

    monkeypatch.setattr(store, "create", answers_get_lost)
    tail = land(store, Tail(), 4)
    assert tail is not None
    assert store.offsets() == [0, 1, 2, 3, 4]
    assert land(store, Tail(), 4) is None  # the same rows by another attempt are another's


def test_an_owner_that_wakes_too_late_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    create = store.create

    def sleeps_after_the_fence(key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        store.now += timedelta(minutes=10)
        return create(key, body, metadata)

    monkeypatch.setattr(store, "create", sleeps_after_the_fence)
    with pytest.raises(BackbeatError, match=r"was not written by 12:40:00 UTC.* .BACKBEAT_SINK_PUT_SECONDS"):
        land(store, Tail(), 4)
    assert store.offsets() == []
    monkeypatch.undo()
    tail, tally = resume(store, CHAIN, MemoryLog())
    assert tail.fence is not None
    assert tail.fence.put_expires == NOW + timedelta(minutes=10)
    assert (tail.next, tally.rows) == (5, 5)


def test_a_finisher_that_pauses_after_its_look_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    store.dies_at = ".parquet"
    with pytest.raises(BackbeatError):
        land(store, Tail(), 4)
    store.dies_at = None
    head = store.head

    def sleeps_after_the_look(key: str) -> Head | None:
        found = head(key)
        store.now += timedelta(minutes=10)  # meanwhile others finish, go on, and age the object
        return found

    monkeypatch.setattr(store, "head", sleeps_after_the_look)
    with pytest.raises(BackbeatError, match="was not written by 12:40:00 UTC"):
        resume(store, CHAIN, MemoryLog())
    assert store.offsets() == []


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


def test_so_is_what_is_no_parquet_at_all() -> None:
    store = MemoryStore()
    tail = chain_of(store, 4)
    assert tail.fence is not None
    store.objects[tail.fence.data_key] = b"half a body"
    with pytest.raises(BackbeatError, match=r"holds other rows than its fence decided \(no Parquet"):
        verify(store, tail.fence)


def test_the_object_has_the_contracts_schema_and_says_what_it_holds() -> None:
    store = MemoryStore()
    tail = chain_of(store, 4)
    assert tail.fence is not None
    file = pq.ParquetFile(pa.BufferReader(store.objects[tail.fence.data_key]))
    assert file.schema_arrow.equals(bronze_schema("plays"))
    assert file.metadata.metadata[b"backbeat-content-hash"].decode() == tail.fence.content_hash
    assert file.metadata.num_rows == tail.fence.count
