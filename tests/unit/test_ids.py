"""UUIDv7 ids: version, variant and time are where RFC 9562 puts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.ids import derived_uuid7, uuid7

EPOCH_MS = st.integers(0, 2**48 - 1)


@given(EPOCH_MS, st.binary(min_size=10, max_size=32))
def test_time_version_and_variant_can_be_read_back(epoch_ms: int, entropy: bytes) -> None:
    made = uuid7(epoch_ms, entropy)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == epoch_ms


@given(EPOCH_MS)
def test_the_same_facts_give_the_same_id_and_others_do_not(epoch_ms: int) -> None:
    assert derived_uuid7(epoch_ms, "import.lastfm", "a", "b") == derived_uuid7(
        epoch_ms, "import.lastfm", "a", "b"
    )
    assert derived_uuid7(epoch_ms, "ab", "c") != derived_uuid7(epoch_ms, "a", "bc")


def test_random_ids_differ() -> None:
    assert len({uuid7(0) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("epoch_ms", [-1, 2**48])
def test_a_time_that_does_not_fit_is_refused(epoch_ms: int) -> None:
    with pytest.raises(ValueError, match="48 bits"):
        uuid7(epoch_ms)
