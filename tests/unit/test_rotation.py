"""Rotation: when a partition's object is due."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import pytest

from consumer.buffer import Buffer
from consumer.rotation import Rotation
from consumer.settings import SinkSettings
from tests.kafka_record import Record

MIB = 1024**2
names = count()


@dataclass
class Owner:
    buffer: Buffer = field(default_factory=lambda: Buffer("plays", 0, 0))
    name: str = field(default_factory=lambda: f"plays/{next(names)}")
    object_bytes: int = 0


def filled(rows: int, opened_at: float, body: bytes = b"{}") -> Owner:
    owner = Owner()
    for offset in range(rows):
        owner.buffer.append(offset, Record(body), opened_at)
    return owner


def rotation(*, embedded: bool = False, **changes: Any) -> Rotation:
    chosen = {
        "sink_object_bytes": 100_000,
        "sink_flush_bytes": 1_000_000,
        "sink_flush_rows": 20,
        "sink_flush_seconds": 4.0,
        "sink_flush_longest_seconds": 32.0,
        "sink_buffer_bytes": 50 * MIB,
    }
    return Rotation(SinkSettings(_env_file=None, **{**chosen, **changes}), embedded=embedded)


def test_nothing_is_due_without_rows_or_too_early() -> None:
    assert rotation().due([Owner(), filled(3, opened_at=100.0)], now=103.9) == []


def test_rows_bytes_and_age_are_each_enough() -> None:
    many, old = filled(20, 100.0), filled(1, 96.0)
    # The payloads are as random as their bytes allow: an object of them is as large.
    large = filled(1, 100.0, bytes(range(256)) * 500)
    assert rotation().due([many], now=100.0) == [many]
    assert rotation().due([large], now=100.0) == [large]
    assert rotation().due([old], now=100.0) == [old]
    assert rotation(sink_flush_bytes=100_000, sink_object_bytes=10**9).due([large], now=100.0) == [large]


def test_what_has_waited_half_its_time_goes_along() -> None:
    old, middle, young = filled(1, 96.0), filled(1, 98.0), filled(1, 98.1)
    assert rotation().due([old, middle, young], now=100.0) == [old, middle]


def test_a_quiet_partition_may_wait_twice_as_long_after_each_small_object_up_to_the_longest() -> None:
    rule, quiet = rotation(), filled(1, 100.0)
    allowed = []
    for _ in range(5):
        allowed.append(min(age for age in (4, 8, 16, 32, 64) if rule.due([quiet], now=100.0 + age)))
        quiet.object_bytes = 1_000
        rule.landed(quiet)
    assert allowed == [4, 8, 16, 32, 32]


def test_a_flush_that_another_sink_overtook_teaches_nothing() -> None:
    rule, overtaken = rotation(), filled(1, 100.0)
    rule.landed(overtaken)
    assert rule.due([overtaken], now=104.0) == [overtaken]


def test_a_busy_partition_lands_as_often_as_before() -> None:
    rule, busy = rotation(), filled(1, 100.0)
    busy.object_bytes = 60_000
    rule.landed(busy)
    assert rule.due([busy], now=104.0) == [busy]


def test_the_embedded_brokers_producers_never_wait_longer() -> None:
    rule, quiet = rotation(embedded=True), filled(1, 100.0)
    quiet.object_bytes = 1_000
    rule.landed(quiet)
    assert rule.due([quiet], now=104.0) == [quiet]
    assert rotation(embedded=True, sink_flush_bytes=10**9, sink_object_bytes=10**9).due(
        [large := filled(1, 100.0, bytes(2 * MIB))], now=100.0
    ) == [large]


def test_for_want_of_memory_the_largest_go_until_half_of_it_is_free() -> None:
    noise = np.random.default_rng(7)
    owners = [filled(1, 100.0, noise.bytes(size)) for size in (100_000, 200_000, 300_000, 400_000)]
    rule = rotation(sink_buffer_bytes=900_000, sink_flush_bytes=10**9, sink_object_bytes=10**9)
    due = rule.due(owners, now=100.0)
    assert due == owners[:1:-1]
    assert sum(owner.buffer.bytes for owner in owners[:2]) <= 450_000


@pytest.mark.parametrize("rows", [1, 5])
def test_what_compresses_well_is_compressed_and_stays(rows: int) -> None:
    owner = filled(rows, 100.0, b"x" * 100_000)
    before = owner.buffer.bytes
    assert rotation(sink_buffer_bytes=before, sink_object_bytes=10**9).due([owner], now=100.0) == []
    assert owner.buffer.bytes < before / 10
