"""The sink takes fewer messages at a time when they are large."""

from __future__ import annotations

import pytest

from consumer.appetite import Appetite

MIB = 1024**2


@pytest.mark.parametrize(
    ("size", "count"),
    [(0, 500), (430, 500), (1_200, 500), (33_000, 500), (MIB, 16), (8 * MIB, 2), (64 * MIB, 1)],
)
def test_the_next_bite_is_what_fits(size: int, count: int) -> None:
    appetite = Appetite(500, 16 * MIB)
    assert appetite.count == 500
    appetite.had([bytes(size)] * 3)
    assert appetite.count == count


def test_nothing_teaches_nothing_and_small_ones_bring_it_back() -> None:
    appetite = Appetite(500, 16 * MIB)
    appetite.had([bytes(MIB)])
    appetite.had([])
    assert appetite.count == 16
    appetite.had([b"small"] * 16)
    assert appetite.count == 500
    appetite.had([bytes(MIB), *[b""] * 99])  # one in sixteen is measured: 7 of these, one of them large
    assert appetite.count == 112
