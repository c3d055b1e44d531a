"""The hour a fence decides, and what it says of its last row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consumer.fence import Fence, landing_hour, parse_fence
from tests.memory_lake import CHAIN, NOON_MS, NOW, MemoryLog, draft


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


def test_fences_of_older_versions_are_read() -> None:
    fence = Fence.of(CHAIN, draft(0, 4), None, NOW, "w")
    newer = {"last_hash", "last_epoch", "put_expires"}
    older = fence.model_dump_json(exclude=newer).encode()
    assert parse_fence("key", older) == fence.model_copy(update=dict.fromkeys(newer))
    assert parse_fence("key", fence.body()) == fence


def test_the_last_row_is_known_by_offset_time_and_content() -> None:
    last = draft(0, 4).last_hash()
    assert last == draft(2, 4).last_hash() == draft(4, 4).content_hash()
    assert len({last, draft(0, 3).last_hash(), MemoryLog(text=b"x").read("plays", 3, 0, 4).last_hash()}) == 3
