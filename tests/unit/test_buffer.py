"""The buffer and the flush policy."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.buffer import Buffer, FlushPolicy


@dataclass
class Record:
    """A Kafka message, as far as a buffer looks at it."""

    body: bytes | None = b"{}"
    stamp: tuple[int, int] = (1, 1_795_267_515_900)

    def timestamp(self) -> tuple[int, int]:
        return self.stamp

    def key(self) -> bytes | None:
        return b"k"

    def value(self) -> bytes | None:
        return self.body

    def headers(self) -> None:
        return None

    def leader_epoch(self) -> int:
        return 3


@dataclass
class Owner:
    buffer: Buffer = field(default_factory=lambda: Buffer("plays", 0, 0))


def filled(count: int, opened_at: float, body: bytes = b"{}") -> Owner:
    owner = Owner()
    for offset in range(count):
        owner.buffer.append(offset, Record(body), opened_at)
    return owner


POLICY = FlushPolicy(flush_bytes=10_000, flush_rows=20, flush_seconds=4.0, total_bytes=15_000)


def test_nothing_is_due_without_rows_or_too_early() -> None:
    assert POLICY.due([Owner(), filled(3, opened_at=100.0)], now=103.9) == []


def test_rows_bytes_and_age_are_each_enough() -> None:
    many, large, old = filled(20, 100.0), filled(1, 100.0, bytes(10_000)), filled(1, 96.0)
    assert POLICY.due([many], now=100.0) == [many]
    assert POLICY.due([large], now=100.0) == [large]
    assert POLICY.due([old], now=100.0) == [old]


def test_what_is_half_as_old_goes_along() -> None:
    old, middle, young = filled(1, 96.0), filled(1, 98.0), filled(1, 98.1)
    assert POLICY.due([old, middle, young], now=100.0) == [old, middle]


def test_all_go_when_they_are_too_large_together() -> None:
    both = [filled(1, 100.0, bytes(7_500)), filled(1, 100.0, bytes(7_500))]
    assert POLICY.due(both, now=100.0) == both


@given(st.integers(0, 10**12), st.lists(st.integers(0, 3), max_size=20))
def test_a_batch_tiles_its_range(base: int, jumps: list[int]) -> None:
    buffer = Buffer("plays", 1, base)
    for jump in jumps:
        buffer.append(buffer.next + jump, Record(), 0.0)
    batch = buffer.batch()
    missing = [offset for low, high in batch.gaps() for offset in range(low, high + 1)]
    assert sorted([*missing, *batch.offsets]) == list(range(base, batch.end + 1))
    buffer.restart(batch.end + 1)
    assert (len(buffer), buffer.bytes, buffer.base) == (0, 0, batch.end + 1)


def test_offsets_without_a_record_at_the_end_are_covered_only_with_rows() -> None:
    buffer = Buffer("plays", 0, 5)
    buffer.reach(9)
    assert buffer.next == 5
    buffer.append(5, Record(), 0.0)
    buffer.reach(9)
    assert buffer.batch().end == 8
    assert buffer.batch().gaps() == [(6, 8)]


def test_an_offset_behind_is_refused() -> None:
    with pytest.raises(ValueError, match="offset 4 is behind 5"):
        Buffer("plays", 0, 5).append(4, Record(), 0.0)


@pytest.mark.parametrize("stamp", [(0, -1), (1, -5), (1, 2**62)])
def test_a_timestamp_no_reader_can_represent_is_not_kept(stamp: tuple[int, int]) -> None:
    buffer = Buffer("plays", 0, 0)
    buffer.append(0, Record(stamp=stamp), 0.0)
    assert buffer.batch().timestamps == [None]


def test_the_hash_tells_every_part_of_a_record() -> None:
    def digest(*values: bytes | None) -> str:
        buffer = Buffer("plays", 0, 0)
        for offset, value in enumerate(values):
            buffer.append(offset, Record(value), 0.0)
        return buffer.batch().content_hash()

    differing = [(b"ab", b"c"), (b"a", b"bc"), (b"abc",), (None, b"abc"), (b"", b"abc")]
    assert len({digest(*values) for values in differing}) == 5
    assert digest(b"ab", b"c") == digest(b"ab", b"c")
