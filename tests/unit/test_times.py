"""Times: what a text says is had, or is told to be none, whatever stands beside it."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from consumer.times import existing

REAL = {
    "0001-01-01T00:00:00.000Z": datetime(1, 1, 1, tzinfo=UTC),
    "2024-02-29T23:59:59.999Z": datetime(2024, 2, 29, 23, 59, 59, 999_000, UTC),
    "9999-12-31T23:59:59.999Z": datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC),
}


@pytest.mark.parametrize(
    "odd",
    [
        [],
        ["0000-01-01T00:00:00.000Z"],
        ["2026-02-30T00:00:00.000Z"],
        ["2026-11-21T25:00:00.000Z", "0000-12-31T23:59:59.999Z", None],
    ],
)
def test_what_is_no_time_is_null_and_the_others_are_read(odd: list[str | None]) -> None:
    texts = [*REAL, *odd]
    assert existing(pa.array(texts, pa.string())).to_pylist() == [*REAL.values(), *[None] * len(odd)]
