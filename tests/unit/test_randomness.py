"""Ids made by the million are the ids the contract makes one by one."""

from __future__ import annotations

from uuid import RFC_4122, UUID

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from producer.simulator.coded import fixed_text, hexadecimal
from producer.simulator.names import ARTISTS, TRACKS, invent
from producer.simulator.randomness import random_ids, timed_ids, uuid7_digits


@given(st.lists(st.integers(0, 2**48 - 1), max_size=20), st.integers(0, 2**32))
def test_event_ids_are_version_7_and_carry_their_time(times: list[int], seed: int) -> None:
    entropy = np.random.default_rng(seed).integers(0, 2**64, len(times), np.uint64)
    texts = fixed_text(uuid7_digits(np.array(times, np.int64), entropy)).to_pylist()
    ids = [UUID(text) for text in texts]
    assert [str(uuid) for uuid in ids] == texts
    assert [uuid.int & 2**62 - 1 for uuid in ids] == [int(bits) & 2**62 - 1 for bits in entropy]
    assert [uuid.int >> 80 for uuid in ids] == times
    assert all(uuid.version == 7 and uuid.variant == RFC_4122 for uuid in ids)


@given(st.lists(st.integers(0, 2**48 - 1), min_size=1, max_size=20))
def test_timed_ids_are_in_the_order_of_their_times(times: list[int]) -> None:
    ids = timed_ids(np.random.default_rng(1), np.array(times, np.int64))
    assert ids.str.contains("^[0-9a-f]{20}$").all()
    assert [int(text[:12], 16) for text in ids] == times


def test_ids_differ() -> None:
    ids = random_ids(np.random.default_rng(1), 10_000)
    assert ids.n_unique() == 10_000
    texts = fixed_text(hexadecimal(ids.to_numpy())).to_pylist()
    assert texts == [f"{number:016x}" for number in ids]


def test_names_are_many_plain_and_different() -> None:
    for patterns, count in ((ARTISTS, 3_000), (TRACKS, 20_000)):
        names = invent(np.random.default_rng(1), patterns, count)
        assert len({name.lower() for name in names}) == count
        assert all(name.isascii() and "{" not in name for name in names)
