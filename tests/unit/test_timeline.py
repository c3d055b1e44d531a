"""Series as they are drawn: silence is zero, and a period lies over the one before."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from streamlit_app import timeline
from streamlit_app.charts.prior import BEFORE, NOW
from streamlit_app.periods import Period

PERIOD = Period(date(2026, 11, 9), date(2026, 11, 12))


def day(number: int) -> datetime:
    return datetime(2026, 11, number)  # noqa: DTZ001 - snapshots hold UTC without a zone


def series(*rows: tuple[int, str, int | None]) -> pl.DataFrame:
    """Rows of day, name, streams; a play for each."""
    return pl.DataFrame(
        {
            "bucket": [day(number) for number, _, _ in rows],
            "name": [name for _, name, _ in rows],
            "plays": [1] * len(rows),
            "streams": pl.Series([streams for _, _, streams in rows], dtype=pl.Int64),
            "listeners": [1] * len(rows),
            "hours": [0.5] * len(rows),
            "skip_rate": [0.1] * len(rows),
        }
    )


def test_silent_steps_are_zero_up_to_the_last_that_is_known() -> None:
    whole = timeline.filled(series((9, "Music", 1), (11, "Podcasts", None)), "day")
    assert whole.select("bucket", "name", "plays", "streams", "skip_rate").rows() == [
        (day(9), "Music", 1, 1, 0.1),
        (day(9), "Podcasts", 0, None, None),
        (day(10), "Music", 0, 0, None),
        (day(10), "Podcasts", 0, None, None),
        (day(11), "Music", 0, 0, None),
        (day(11), "Podcasts", 1, None, 0.1),
    ]


def test_nothing_stays_nothing() -> None:
    assert timeline.filled(series().clear(), "hour").is_empty()


def test_the_period_before_is_moved_and_remembers_when_it_was() -> None:
    both = timeline.laid_over(series((9, "a", 1)), series((5, "a", 1)), PERIOD, PERIOD.before("day"))
    assert both.select("bucket", "moment", "span").rows() == [(day(9), day(9), NOW), (day(9), day(5), BEFORE)]


def test_weeks_are_laid_over_weeks() -> None:
    from_monday = Period(date(2026, 11, 2), date(2026, 11, 12))
    assert from_monday.before("week") == Period(date(2026, 10, 19), date(2026, 10, 29))
    assert from_monday.before("day") == from_monday.prior()
