"""The chain: where a walk ends, and what stops it."""

from __future__ import annotations

import pytest

from consumer.chain import Tail, walk
from contracts.errors import BackbeatError
from tests.memory_lake import CHAIN, MemoryStore, chain_of


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
