"""The hour a fence decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consumer.fence import landing_hour
from tests.memory_lake import NOON_MS, NOW


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
