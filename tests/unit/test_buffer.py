"""The buffer, and the draft that it grows into."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.buffer import Buffer
from tests.kafka_record import Record


@given(st.integers(0, 10**12), st.lists(st.integers(0, 3), max_size=20))
def test_a_batch_tiles_its_range(base: int, jumps: list[int]) -> None:
    buffer = Buffer("plays", 1, base)
    taken: list[int] = []
    for jump in jumps:
        buffer.append(buffer.next + jump, Record(), 0.0)
        taken.append(buffer.next - 1)
    draft = buffer.draft()
    missing = [offset for low, high in draft.gaps for offset in range(low, high + 1)]
    assert sorted([*missing, *taken]) == list(range(base, draft.end + 1))
    assert len(draft) == len(taken)
    if taken:
        assert (draft.first, draft.last) == (taken[0], taken[-1])
        found = pq.read_table(pa.BufferReader(draft.finish({})))
        assert found["_offset"].to_pylist() == taken
    buffer.restart(draft.end + 1)
    assert (len(buffer), buffer.bytes, buffer.base) == (0, 0, draft.end + 1)


def test_offsets_without_a_record_at_the_end_are_covered_only_with_rows() -> None:
    buffer = Buffer("plays", 0, 5)
    buffer.reach(9)
    assert buffer.next == 5
    buffer.append(5, Record(), 0.0)
    buffer.reach(9)
    assert buffer.draft().end == 8
    assert buffer.draft().gaps == [(6, 8)]


def test_an_offset_behind_is_refused() -> None:
    with pytest.raises(ValueError, match="offset 4 is behind 5"):
        Buffer("plays", 0, 5).append(4, Record(), 0.0)


@pytest.mark.parametrize("stamp", [(0, -1), (1, -5), (1, 2**62)])
def test_a_timestamp_no_reader_can_represent_is_not_kept(stamp: tuple[int, int]) -> None:
    buffer = Buffer("plays", 0, 0)
    buffer.append(0, Record(stamp=stamp), 0.0)
    assert (buffer.newest().timestamps, buffer.draft().latest) == ([None], None)


def test_the_hash_tells_every_part_of_a_record() -> None:
    def digest(*values: bytes | None) -> str:
        buffer = Buffer("plays", 0, 0)
        for offset, value in enumerate(values):
            buffer.append(offset, Record(value), 0.0)
        return buffer.draft().content_hash()

    differing = [(b"ab", b"c"), (b"a", b"bc"), (b"abc",), (None, b"abc"), (b"", b"abc")]
    assert len({digest(*values) for values in differing}) == 5
    assert digest(b"ab", b"c") == digest(b"ab", b"c")
