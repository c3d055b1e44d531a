"""Spotify's extended history: plays, episodes, what is refused, and what must never leave the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from contracts.events import TOPICS
from producer.importers.context import LISTENER, Context
from producer.importers.converted import Accepted, Converted, Rejected, without_repeats
from producer.importers.formats.spotify import FORMAT, Row, row_of
from producer.importers.json_text import Record
from producer.importers.pseudonym import Pseudonyms
from producer.importers.reading import Reading

FIXTURE = Path(__file__).parents[1] / "data/koito/Streaming_History_Audio_spotify_import_test.json"
PSEUDONYMS = Pseudonyms(b"key")
CONTEXT = Context(PSEUDONYMS, datetime(2026, 11, 21, 12, tzinfo=UTC))

TRACK: dict[str, object] = {
    "ts": "2025-04-28T21:04:35Z",
    "platform": "Android OS 10 API 29 (samsung, SM-G960F)",
    "ms_played": 61_000,
    "conn_country": "DE",
    "ip_addr": "203.0.113.9",
    "master_metadata_track_name": "Title",
    "master_metadata_album_artist_name": "Artist",
    "master_metadata_album_album_name": "Album",
    "spotify_track_uri": "spotify:track:3aJ2aJz5xL03hpaqdPS7Ah",
    "episode_name": None,
    "episode_show_name": None,
    "spotify_episode_uri": None,
    "reason_start": "clickrow",
    "reason_end": "trackdone",
    "shuffle": False,
    "skipped": False,
    "offline": False,
    "offline_timestamp": 1745874272,
    "incognito_mode": False,
}
EPISODE = TRACK | {
    "master_metadata_track_name": None,
    "master_metadata_album_artist_name": None,
    "spotify_track_uri": None,
    "episode_name": "Part 1",
    "episode_show_name": "Show",
    "spotify_episode_uri": "spotify:episode:1",
}


def convert(*rows: Record | Row, context: Context = CONTEXT) -> list[Converted]:
    return list(without_repeats(FORMAT.convert(shaped(rows), context), set()))


def shaped(rows: Iterable[Record | Row]) -> list[object]:
    return [row_of(row) if isinstance(row, dict) else row for row in rows]


def event(row: Converted) -> dict[str, object]:
    assert isinstance(row, Accepted), row
    assert row.value is not None
    TOPICS[row.topic].model_validate_json(row.value)
    found: dict[str, object] = orjson.loads(row.value)
    return found


@pytest.mark.parametrize(
    ("clock", "started"),
    [
        (None, "21:03:34"),
        (0, "21:03:34"),
        (1745874200, "21:03:20"),
        (1745874200123, "21:03:20"),
        (1745874214, "21:03:34"),
        (1745874215, "21:03:34"),
        (1745874272, "21:03:34"),
        (1745787800, "21:03:34"),
        (9999, "21:03:34"),
        ("1745874200", "21:03:34"),
    ],
)
def test_ts_is_the_stop_time_and_a_clock_that_fits_tells_the_start(clock: object, started: str) -> None:
    play = event(convert(TRACK | {"offline_timestamp": clock})[0])
    assert play["occurred_at"] == "2025-04-28T21:04:35.000Z"
    assert str(play["started_at"])[:19] == f"2025-04-28T{started}"
    assert play["ms_played"] == 61_000


def test_a_play_keeps_what_it_may() -> None:
    play = event(convert(TRACK)[0])
    assert play["user_id"] == PSEUDONYMS.of(LISTENER, "me")
    assert play["track_id"] == "spotify:track:3aJ2aJz5xL03hpaqdPS7Ah"
    assert play["album_title"] == "Album"
    assert (play["country"], play["device"], play["skipped"]) == ("DE", "android", False)


@pytest.mark.parametrize(("country", "expected"), [("ZZ", None), ("", None), (None, None), ("GB", "GB")])
def test_an_unknown_country_is_null(country: object, expected: str | None) -> None:
    assert event(convert(TRACK | {"conn_country": country})[0]).get("country") == expected


@pytest.mark.parametrize(
    ("flag", "end", "skipped"),
    [
        (False, "trackdone", False),
        (True, "trackdone", True),
        (False, "fwdbtn", True),
        (None, "backbtn", True),
        (False, "endplay", True),
        (False, "unknown", True),
        (None, "logout", False),
        (False, None, False),
        (None, None, None),
        (None, "", None),
    ],
)
def test_how_a_play_ended_tells_a_skip(flag: object, end: object, skipped: bool | None) -> None:
    assert event(convert(TRACK | {"skipped": flag, "reason_end": end})[0]).get("skipped") is skipped


def test_an_episode_is_a_podcast_event_and_enters_the_catalogue() -> None:
    done, stopped = convert(EPISODE, EPISODE | {"reason_end": "logout"})
    assert isinstance(done, Accepted)
    assert done.topic == "podcast_events"
    assert done.episode is not None
    assert (done.episode.podcast_title, done.episode.episode_title) == ("Show", "Part 1")
    assert event(done)["action"] == "complete"
    assert event(done)["position_ms"] == 61_000
    assert event(done)["podcast_id"] == done.episode.podcast_id
    assert event(stopped)["action"] == "play"


def test_an_old_export_and_a_new_one_are_of_one_listener() -> None:
    old = TRACK | {"username": "jane", "ip_addr_decrypted": "203.0.113.9", "user_agent_decrypted": "Agent"}
    first, second = convert(TRACK, old)
    assert event(first)["user_id"] == PSEUDONYMS.of(LISTENER, "me")
    assert isinstance(second, Rejected)
    mine = Context(PSEUDONYMS, CONTEXT.now, user="mine")
    assert event(convert(old, context=mine)[0])["user_id"] == PSEUDONYMS.of(LISTENER, "mine")


def test_a_chapter_of_a_book_goes_where_episodes_go() -> None:
    book = EPISODE | {"episode_name": None, "episode_show_name": None, "spotify_episode_uri": None}
    book |= {"audiobook_title": "Book", "audiobook_uri": "spotify:show:1"}
    book |= {"audiobook_chapter_title": "One", "audiobook_chapter_uri": "spotify:episode:2"}
    (row,) = convert(book)
    assert isinstance(row, Accepted)
    assert (event(row)["podcast_id"], event(row)["episode_id"]) == ("spotify:show:1", "spotify:episode:2")
    assert row.episode is not None
    assert (row.episode.podcast_title, row.episode.episode_title) == ("Book", "One")
    (bare,) = convert(book | {"audiobook_chapter_uri": None, "audiobook_uri": None})
    assert str(event(bare)["episode_id"]).startswith("spotify-episode-")


def test_two_different_rows_of_one_second_are_two_plays() -> None:
    rows = [
        TRACK,
        TRACK | {"spotify_track_uri": "spotify:track:other"},
        TRACK | {"ms_played": 60_999},
        TRACK | {"reason_start": "trackdone"},
        EPISODE,
    ]
    assert len({event(row)["event_id"] for row in convert(*rows)}) == len(rows)


def test_the_same_play_written_anew_is_a_duplicate() -> None:
    later_export = TRACK | {"platform": "android", "offline_timestamp": 1745874272123, "skipped": None}
    first, second = convert(TRACK, later_export)
    assert isinstance(first, Accepted)
    assert isinstance(second, Rejected)
    assert second.reason == "duplicate_row"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ts": None, "offline_timestamp": None}, "missing_timestamp"),
        ({"ts": 1745874275}, "bad_timestamp"),
        ({"ts": "1999-12-31T23:59:59Z"}, "occurred_too_early"),
        ({"ms_played": None}, "missing_ms_played"),
        ({"ms_played": "61000"}, "bad_ms_played"),
        ({"ms_played": True}, "bad_ms_played"),
        ({"ms_played": -1}, "negative_ms_played"),
        ({"ms_played": 86_400_001}, "implausible_ms_played"),
        ({"ms_played": "NaN"}, "bad_ms_played"),
        ({"ms_played": 2**70}, "implausible_ms_played"),
        ({"master_metadata_track_name": "cut \ud83c"}, "invalid_field"),
        ({"skipped": "yes"}, "invalid_field"),
        ({"spotify_track_uri": 5}, "invalid_field"),
        ({"reason_end": 5}, "invalid_field"),
        ({"master_metadata_album_artist_name": ""}, "missing_artist_name"),
        ({"master_metadata_track_name": None}, "missing_track_title"),
        ({"spotify_track_uri": None, "master_metadata_track_name": None}, "no_content,missing_track_title"),
        ({"ts": "x", "ms_played": None}, "bad_timestamp,missing_ms_played"),
    ],
)
def test_a_bad_row_is_refused(change: dict[str, object], reason: str) -> None:
    (row,) = convert(TRACK | change)
    assert isinstance(row, Rejected)
    assert row.reason == reason
    assert orjson.loads(row.value)["rejected"] == reason


def test_an_episode_without_a_name_has_no_content() -> None:
    (row,) = convert(EPISODE | {"spotify_episode_uri": 5, "episode_name": None})
    assert isinstance(row, Rejected)
    assert (row.topic, row.reason) == ("podcast_events", "no_content")


def test_nothing_that_names_a_person_or_a_machine_leaves() -> None:
    private = {
        "username": "jane_doe",
        "ip_addr": "203.0.113.9",
        "ip_addr_decrypted": "203.0.113.9",
        "user_agent_decrypted": "SecretAgent",
        "city": "Smalltown",
        "latitude": 12.345678,
        "platform": "iOS 14.4 (iPhone12,1)",
    }
    for base in (TRACK, EPISODE, TRACK | {"ts": "x"}, EPISODE | {"ms_played": -1}):
        (row,) = convert(base | private)
        said = (row.value or b"") + (row.key or b"") + repr(getattr(row, "faults", "")).encode()
        for secret in (b"jane_doe", b"203.0.113", b"SecretAgent", b"Smalltown", b"12.345", b"iPhone12"):
            assert secret not in said


def test_the_fixture_of_39_rows() -> None:
    with FIXTURE.open("rb") as file:
        rows = convert(*FORMAT.read(Reading(file)))
    events = [event(row) for row in rows]
    assert len(events) == 39
    assert {row.topic for row in rows} == {"plays"}
    assert Counter(e["skipped"] for e in events) == {True: 32, False: 7}
    assert Counter(e["device"] for e in events) == {"windows": 38, "android": 1}
    assert Counter(e["country"] for e in events) == {"US": 39}
    assert len({e["event_id"] for e in events}) == 39


def test_rows_read_at_once_and_one_by_one_are_the_same() -> None:
    with FIXTURE.open("rb") as file:
        at_once = list(FORMAT.read(Reading(file)))
    one_by_one = [row_of(row) for row in orjson.loads(FIXTURE.read_bytes())]
    assert at_once == one_by_one
    assert convert(*at_once) == convert(*one_by_one)
