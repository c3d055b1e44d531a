"""The Last.fm-1K log: on rows of our own with its quirks, and on the real sample where there is one."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from contracts.events import Play
from producer.importers.context import Context
from producer.importers.converted import Accepted, Converted, Rejected, without_repeats
from producer.importers.formats.lastfm_1k import FORMAT
from producer.importers.pseudonym import Pseudonyms
from producer.importers.reading import Reading

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("BACKBEAT_DATA", ROOT / "../shared/data")) / "lastfm1k_sample"
MBID = "a7f7df4a-77d8-4f12-8acd-5c60c93f4de8"
CONTEXT = Context(Pseudonyms(b"key"), datetime(2026, 11, 21, 12, tzinfo=UTC))


def convert(path: Path) -> list[Converted]:
    with path.open("rb") as file:
        return list(without_repeats(FORMAT.convert(FORMAT.read(Reading(file)), CONTEXT), set()))


def log(tmp_path: Path, *lines: str, end: str = "\n") -> Path:
    path = tmp_path / "anything.dat"
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def event(row: Converted) -> dict[str, object]:
    assert isinstance(row, Accepted)
    assert row.value is not None
    Play.model_validate_json(row.value)
    found: dict[str, object] = orjson.loads(row.value)
    return found


def test_a_scrobble_becomes_a_play_without_a_length(tmp_path: Path) -> None:
    (row,) = convert(log(tmp_path, f"user_1\t2009-05-04T13:54:10Z\t{MBID}\t坂本龍一\t\tMc2 (Live)"))
    play = event(row)
    assert isinstance(row, Accepted)
    assert row.topic == "plays"
    assert row.key == str(play["user_id"]).encode()
    assert play["user_id"] == CONTEXT.pseudonyms.of("import.lastfm", "user_1")
    assert play["source"] == "import.lastfm"
    assert play["occurred_at"] == play["started_at"] == "2009-05-04T13:54:10.000Z"
    assert play["artist_id"] == MBID
    assert (play["artist_name"], play["track_title"]) == ("坂本龍一", "Mc2 (Live)")
    assert str(play["track_id"]).startswith("lastfm-track-")
    assert "ms_played" not in play


def test_a_track_without_mbid_keeps_one_id(tmp_path: Path) -> None:
    rows = convert(
        log(
            tmp_path,
            "u\t2009-05-04T13:54:10Z\t\tA\t\tT",
            "u\t2009-05-04T13:59:10Z\t\tA\tnot-an-mbid\tT",
            "u\t2009-05-04T14:04:10Z\t\tB\t\tT",
            f"u\t2009-05-04T14:09:10Z\t\tA\t{MBID.upper()}\tT",
        )
    )
    ids = [event(row)["track_id"] for row in rows]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert ids[3] == MBID


def test_quotes_are_characters_and_carriage_returns_ends(tmp_path: Path) -> None:
    lines = ('u\t2009-05-04T13:54:10Z\t\tA "\t\t"T', 'u\t2009-05-04T13:54:11Z\t\tB\t\tU"')
    events = [event(row) for row in convert(log(tmp_path, *lines, "", end="\r\n"))]
    assert [(e["artist_name"], e["track_title"]) for e in events] == [('A "', '"T'), ("B", 'U"')]


def test_two_tracks_in_one_second_are_two_plays_and_a_copy_is_none(tmp_path: Path) -> None:
    first, second = "u\t2009-05-04T13:54:10Z\t\tA\t\tT", "u\t2009-05-04T13:54:10Z\t\tA\t\tU"
    rows = convert(log(tmp_path, first, second, first))
    assert [isinstance(row, Accepted) for row in rows] == [True, True, False]
    assert event(rows[0])["event_id"] != event(rows[1])["event_id"]
    copy = rows[2]
    assert isinstance(copy, Rejected)
    assert copy.header == ("backbeat-rejected", b"import_duplicate_row: the same row came earlier")
    assert orjson.loads(copy.value)["event_id"] == event(rows[0])["event_id"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("u\t2009-05-04T13:54:10Z\t\tA\tT", "too_few_columns"),
        ("u", "too_few_columns"),
        ("u\t2009-05-04T13:54:10Z\t\tA\t\tT\t", "too_many_columns"),
        ("u\t2009-13-04T13:54:10Z\t\tA\t\tT", "bad_timestamp"),
        ("u\t\t\tA\t\tT", "missing_timestamp"),
        ("u\t1970-01-01T00:00:00Z\t\tA\t\tT", "occurred_too_early"),
        ("u\t2026-11-22T12:00:01Z\t\tA\t\tT", "occurred_in_future"),
        ("u\t2009-05-04T13:54:10Z\t\t \t\tT", "missing_artist_name"),
        ("\tnever\t\t\t\t", "missing_user,bad_timestamp,missing_artist_name,missing_track_title"),
        (f"u\t2009-05-04T13:54:10Z\t\tA\t\t{'T' * 950_000}", "row_too_large"),
    ],
)
def test_a_bad_row_is_refused_with_all_its_reasons(tmp_path: Path, line: str, reason: str) -> None:
    (row,) = convert(log(tmp_path, line))
    assert isinstance(row, Rejected)
    assert row.reason == reason
    assert row.topic == "plays"
    codes = row.header[1].decode().split(":")[0].split(",")
    assert codes == [f"import_{part}" for part in reason.split(",")]
    body = orjson.loads(row.value)
    assert body["rejected"] == reason
    assert body["source"] == "import.lastfm"
    assert len(row.value) < 1_000_000


def test_a_refused_row_keeps_no_user_name(tmp_path: Path) -> None:
    rows = convert(log(tmp_path, "jane_doe\tnever\t\tA\t\tT", "jane_doe\tx", "jane_doe"))
    for row in rows:
        assert isinstance(row, Rejected)
        assert b"jane_doe" not in row.value + row.header[1] + (row.key or b"")
        assert row.key == CONTEXT.pseudonyms.of("import.lastfm", "jane_doe").encode()


def test_the_real_sample() -> None:
    if not REAL.is_dir():
        pytest.skip(f"real Last.fm-1K sample absent at {REAL}: it may not be redistributed")
    (path,) = REAL.glob("*.tsv")
    rows = convert(path)
    events = [event(row) for row in rows]
    assert len(events) == 5_000
    assert len({e["event_id"] for e in events}) == 5_000
    assert sorted(Counter(e["user_id"] for e in events).values()) == [3, 4_997]
    assert sum(str(e["artist_id"]).startswith("lastfm-artist-") for e in events) == 353
    assert sum(str(e["track_id"]).startswith("lastfm-track-") for e in events) == 1_396
    assert sum(not f"{e['artist_name']}{e['track_title']}".isascii() for e in events) == 1_076
    assert max(str(e["occurred_at"]) for e in events) == "2009-05-04T23:08:57.000Z"
