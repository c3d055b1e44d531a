"""Single values out of files: times, days, countries, platforms."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.importers.country import ISO_3166_1, parse_country
from producer.importers.device import parse_device
from producer.importers.timestamp import epoch_ms, parse_date, parse_timestamp, wire

SEED = Path(__file__).parents[2] / "seeds" / "countries.csv"


@pytest.mark.parametrize(
    ("text", "wired"),
    [
        ("2009-05-04T23:08:57Z", "2009-05-04T23:08:57.000Z"),
        ("2024-04-09T10:30:41", "2024-04-09T10:30:41.000Z"),
        ("2024-04-09 10:30", "2024-04-09T10:30:00.000Z"),
        ("2024-04-09T10:30:41.1239+02:00", "2024-04-09T08:30:41.123Z"),
        ("2024-04-09T10:30:41-0130", "2024-04-09T12:00:41.000Z"),
    ],
)
def test_times_become_utc_with_milliseconds(text: str, wired: str) -> None:
    moment = parse_timestamp(text)
    assert moment is not None
    assert wire(moment) == wired


@pytest.mark.parametrize(
    "text",
    [
        *("", "malformed-date", "2024-13-01T00:00:00Z", "2024-04-09", "20240409T103041Z", "1712658641"),
        *(
            "0001-01-01T00:00:00+23:00",
            "2024-04-09T10:30:41Z\n",
            "２０２４-04-09T10:30:41Z",
            "2024-02-30T00:00",
        ),
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_timestamp(text) is None


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_none(text: str) -> None:
    moment = parse_timestamp(text)
    assert moment is None or moment.tzinfo is UTC
    assert parse_date(text) is None or len(text) == 10


def test_an_event_id_takes_every_time() -> None:
    assert epoch_ms(None) == 0
    assert epoch_ms(datetime(1900, 1, 1, tzinfo=UTC)) == 0
    assert epoch_ms(datetime(2009, 5, 4, 23, 8, 57, 5000, tzinfo=UTC)) == 1241478537005
    assert epoch_ms(datetime.max.replace(tzinfo=UTC)) < 1 << 48


@pytest.mark.parametrize(
    ("text", "country"),
    [("DE", "DE"), (" de", "DE"), ("UK", "GB"), ("ZZ", None), ("XX", None), ("", None), ("Germany", None)],
)
def test_countries_are_iso_codes(text: str, country: str | None) -> None:
    assert parse_country(text) == country


def test_the_importers_know_the_countries_the_warehouse_knows() -> None:
    with SEED.open(encoding="utf-8", newline="") as file:
        assert {row["country"] for row in csv.DictReader(file)} == ISO_3166_1


@pytest.mark.parametrize(
    ("platform", "family"),
    [
        ("windows", "windows"),
        ("Windows 10 (10.0.19041; x64)", "windows"),
        ("Android OS 10 API 29 (samsung, SM-G960F)", "android"),
        ("iOS 14.4 (iPhone12,1)", "ios"),
        ("OS X 10.15.7 [x86 8]", "macos"),
        ("web_player windows 10;chrome 90.0;desktop", "web"),
        ("WebPlayer (websocket RFC6455)", "web"),
        ("Partner android_tv Sony;BRAVIA", "tv"),
        ("Partner google cast_tv;Chromecast", "tv"),
        ("Partner google cast;Mini", "cast"),
        ("Linux [x86-64 0]", "linux"),
        ("sony_ps4", "console"),
        ("toaster", "other"),
        (" ", None),
    ],
)
def test_a_platform_is_only_a_family(platform: str, family: str | None) -> None:
    assert parse_device(platform) == family
