"""Periods and the ones before them."""

from __future__ import annotations

from datetime import date

import pytest

from streamlit_app.periods import Period, default_days

LAST = date(2026, 11, 20)


def test_a_period_and_the_one_before_touch_but_do_not_overlap() -> None:
    period = Period.ending(LAST, 7)
    assert (period.first, period.days) == (date(2026, 11, 14), 7)
    assert period.prior() == Period(date(2026, 11, 7), date(2026, 11, 13))


def test_data_cover_a_period_only_whole() -> None:
    period = Period.ending(LAST, 7)
    assert period.within(period.first, LAST)
    assert not period.within(date(2026, 11, 15), LAST)


def test_whole_weeks_begin_on_a_monday() -> None:
    assert Period(date(2026, 11, 18), LAST).whole_weeks() == Period(date(2026, 11, 16), LAST)
    assert Period(date(2026, 11, 16), LAST).whole_weeks() == Period(date(2026, 11, 16), LAST)


def test_long_periods_are_drawn_in_longer_steps() -> None:
    assert [Period.ending(LAST, days).step for days in (30, 365, 4000)] == ["day", "week", "month"]


@pytest.mark.parametrize(
    ("first", "days"), [(date(2026, 9, 22), 30), (date(2026, 10, 20), 14), (LAST, 7), (date(2010, 1, 1), 30)]
)
def test_the_default_can_be_compared_where_any_can(first: date, days: int) -> None:
    assert default_days(first, LAST) == days
