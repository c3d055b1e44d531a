"""What the browser tells of its viewer: language and time zone, and what becomes of neither."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import polars as pl
import pytest

from streamlit_app import browser, marks, numbers

NOON = datetime(2026, 7, 1, 12, 0)  # noqa: DTZ001 - snapshots hold UTC without a zone


def looks(monkeypatch: pytest.MonkeyPatch, locale: str | None, timezone: str | None) -> None:
    monkeypatch.setattr(browser.st, "context", SimpleNamespace(locale=locale, timezone=timezone))


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("en-US", ("9,999", "12.3K", "5.3M", "14.6%", "1,234.6")),
        ("de-DE", ("9.999", "12.345", "5,3\xa0Mio.", "14,6\xa0%", "1.234,6")),
        ("fr", ("9\u202f999", "12,3\xa0k", "5,3\xa0M", "14,6\xa0%", "1\u202f234,6")),
        ("en-IN", ("9,999", "12.3K", "53L", "14.6%", "1,234.6")),
    ],
)
def test_numbers_are_written_as_the_viewer_writes_them(
    monkeypatch: pytest.MonkeyPatch, locale: str, shown: tuple[str, ...]
) -> None:
    looks(monkeypatch, locale, None)
    amounts = tuple(map(numbers.compact, (9_999, 12_345, 5_300_000)))
    assert (*amounts, numbers.percent(0.1456), numbers.tenth(1_234.56)) == shown


@pytest.mark.parametrize("locale", [None, "", "*", "tlh-KX", "not a locale", "C"])
def test_a_language_nobody_knows_is_english(monkeypatch: pytest.MonkeyPatch, locale: str | None) -> None:
    looks(monkeypatch, locale, None)
    assert numbers.compact(12_345.0) == "12.3K"


@pytest.mark.parametrize(
    ("timezone", "shown"),
    [
        ("Europe/Stockholm", "1 Jul 2026, 14:00 CEST"),
        ("America/Los_Angeles", "1 Jul 2026, 05:00 PDT"),
        (None, "1 Jul 2026, 12:00 UTC"),
        ("Mars/Olympus", "1 Jul 2026, 12:00 UTC"),
        ("../../etc/passwd", "1 Jul 2026, 12:00 UTC"),
    ],
)
def test_moments_are_told_by_the_viewers_clock(
    monkeypatch: pytest.MonkeyPatch, timezone: str | None, shown: str
) -> None:
    looks(monkeypatch, "en-US", timezone)
    assert numbers.minute(NOON) == shown
    assert numbers.minute(NOON.replace(tzinfo=UTC)) == shown


def test_a_day_of_the_viewers_calendar_has_the_hours_its_clock_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, "en-US", "Europe/Stockholm")
    begin, end = browser.day_bounds(date(2026, 10, 25))  # the day on which summer time ends
    assert (begin.isoformat(), end.isoformat()) == ("2026-10-24T22:00:00", "2026-10-25T23:00:00")


def test_a_column_keeps_its_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, "en-US", "Asia/Tokyo")
    [moment] = browser.clock(pl.DataFrame({"bucket": [NOON]}), "bucket")["bucket"]
    assert moment == NOON.replace(tzinfo=UTC)
    assert moment.hour == 21


def test_charts_have_the_viewers_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(monkeypatch, "de-DE", "Asia/Tokyo")
    assert marks.framed(100)["config"]["locale"]["number"]["decimal"] == ","
    assert marks.moment("bucket", "hour")["title"] == "Time (JST)"
    looks(monkeypatch, "en-GB", None)
    assert "locale" not in marks.framed(100)["config"]
