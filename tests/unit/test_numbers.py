"""Numbers, times and spans as people read them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from streamlit_app import numbers


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (9_999, "9,999"), (12_345, "12.3K"), (999_000, "999K"), (5_300_000, "5.3M"), (2.5e9, "2.5B")],
)
def test_compact(value: float, shown: str) -> None:
    assert numbers.compact(value) == shown


def test_hours_keep_a_decimal_while_few() -> None:
    assert numbers.hours(5_400_000) == "1.5"
    assert numbers.hours(3_600_000 * 1_234) == "1,234"
    assert numbers.hours(0) == "0"
    assert numbers.hours(None) == "–"


def test_percent_and_ratio() -> None:
    assert numbers.percent(0.1456) == "14.6%"
    assert numbers.percent(None) == "–"
    assert numbers.ratio(1, 0) == 0.0


def test_spans_say_a_year_once() -> None:
    assert numbers.span(date(2026, 9, 22), date(2026, 11, 20)) == "22 Sep – 20 Nov 2026"
    assert numbers.span(date(2025, 12, 1), date(2026, 1, 2)) == "1 Dec 2025 – 2 Jan 2026"
    assert numbers.span(date(2026, 1, 2), date(2026, 1, 2)) == "2 Jan 2026"


@pytest.mark.parametrize(
    ("moment", "words"),
    [((21, 12, 59, 30), "just now"), ((21, 12, 30, 0), "30 min ago"), ((21, 8, 0, 0), "5 h ago"),
     ((18, 13, 0, 0), "3 days ago"), ((22, 0, 0, 0), "just now")],
)  # fmt: skip
def test_ago(moment: tuple[int, int, int, int], words: str) -> None:
    now = datetime(2026, 11, 21, 13, 0)  # noqa: DTZ001 - snapshots hold UTC without a zone
    assert numbers.ago(datetime(2026, 11, *moment), now) == words  # noqa: DTZ001
