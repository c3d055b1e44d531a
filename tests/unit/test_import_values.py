"""Single values out of files: times, days, countries, platforms."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.importers.country import ISO_3166_1, parse_country
from producer.importers.device import parse_device
from producer.importers.identity import event_identity
from producer.importers.timestamp import epoch_ms, parse_date, parse_ms, parse_timestamp, wire, wire_ms

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


@given(st.integers(0, 253_402_300_799_999), st.sampled_from([1, 1_000, 60_000]))
def test_times_as_numbers_are_the_same_times(at_ms: int, grain: int) -> None:
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms // grain * grain)
    text = moment.isoformat().replace("+00:00", "Z")
    found = parse_ms(text)
    assert found == epoch_ms(parse_timestamp(text))
    assert found is not None
    assert wire_ms(found) == wire(moment)


@given(st.text(max_size=22) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", fullmatch=True))
def test_what_is_no_time_is_none_as_a_number_too(text: str) -> None:
    assert (parse_ms(text) is None) == (parse_timestamp(text) is None)


@given(
    st.integers(-(2**50), 2**50), st.lists(st.none() | st.integers(-9, 9) | st.text(max_size=3), max_size=3)
)
def test_an_identity_is_a_uuid_of_its_time_and_facts(at_ms: int, facts: list[object]) -> None:
    text, same = event_identity(at_ms, *facts)
    found = UUID(text)
    assert (found.version, found.variant, str(found)) == (7, RFC_4122, text)
    assert found.int >> 80 == min(max(at_ms, 0), 2**48 - 1)
    assert event_identity(at_ms, *facts) == (text, same)
    assert event_identity(at_ms, *facts, None)[0] != text


def test_half_a_surrogate_pair_has_an_identity_too() -> None:
    assert event_identity(1, "\ud83c") != event_identity(1, "?")


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
