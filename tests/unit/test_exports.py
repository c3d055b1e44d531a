"""A sample of every format: what becomes of each row, that nothing private leaves, and that it adds up."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.errors import BackbeatError
from producer.importers.formats import FORMATS
from tests.exports import EXPORTS, MBID, SECRETS
from tests.importing import Import, MemoryStore, is_balanced

ROOT = Path(__file__).parents[2]
FIXTURES = Path(os.environ.get("BACKBEAT_DATA", ROOT / "../shared/data")) / "export_fixtures"
# Their accepted rows go to landing/, not to a topic.
UNSENT = {"podcast_episodes", "podcast_downloads"}
LINES = {"listenbrainz", "panoscrobbler", "podcast_log_json"}
REFERENCES = {known.kind for known in FORMATS if known.refers}

# Rows in, accepted, and why rows are refused.
EXPECTED: dict[str, tuple[int, int, dict[str, int]]] = {
    "podcast_users": (2, 1, {"bad_signup_date": 1}),
    "podcast_episodes": (1, 1, {}),
    "podcast_log_json": (2, 1, {"unknown_event_type": 1}),
    "podcast_log_csv": (2, 1, {"missing_event_type,missing_episode,missing_timestamp": 1}),
    "podcast_downloads": (2, 1, {"bad_time": 1}),
    "apple_daily_tracks": (0, 0, {}),
    "apple_library": (0, 0, {}),
    "spotify_history": (5, 4, {"bad_timestamp": 1}),
    "spotify_account": (5, 4, {"bad_timestamp": 1}),
    "lastfm_csv": (3, 2, {"missing_timestamp": 1}),
    "lastfm_json": (4, 3, {"now_playing": 1}),
    "lastfm_1k": (2, 1, {"bad_timestamp": 1}),
    "lastfm_minutes": (3, 2, {"bad_timestamp": 1}),
    "listenbrainz": (4, 3, {"missing_timestamp": 1}),
    "listenbrainz_json": (4, 3, {"missing_timestamp": 1}),
    "listenbrainz_array": (4, 3, {"missing_timestamp": 1}),
    "maloja": (2, 2, {}),
    "librefm": (3, 2, {"missing_timestamp": 1}),
    "scrobbler_log": (3, 2, {"missing_artist_name": 1}),
    "panoscrobbler": (3, 1, {"occurred_too_early": 1, "no_listen": 1}),
    "youtube_music": (4, 2, {"not_youtube_music": 1, "missing_artist_name": 1}),
    "apple_music": (4, 2, {"no_play_end": 1, "negative_ms_played": 1}),
}


def write(folder: Path, *kinds: str) -> Path:
    folder.mkdir(exist_ok=True)
    for kind in kinds:
        (folder / f"{kind}.dat").write_text(EXPORTS[kind], encoding="utf-8", newline="")
    return folder


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_row_of_a_sample_is_accepted_or_refused_for_its_reason(tmp_path: Path, kind: str) -> None:
    others = REFERENCES if kind == "apple_music" else set()
    run = Import(MemoryStore(), write(tmp_path / "drop", kind, *others))
    rows, accepted, reasons = EXPECTED[kind]
    assert (run.counts(), dict(run.total.by_reason)) == ((rows, accepted, rows - accepted), reasons)
    assert kind in UNSENT or is_balanced(run)


@pytest.mark.parametrize("kind", EXPORTS)
def test_nothing_that_names_a_person_or_a_machine_leaves(tmp_path: Path, kind: str) -> None:
    produced = Import(MemoryStore(), write(tmp_path / "drop", kind), user="jane@example.org").produced()
    assert [secret for secret in SECRETS if secret.encode() in produced] == []


def test_all_of_them_together_and_once_more(tmp_path: Path) -> None:
    store = MemoryStore()
    folder = write(tmp_path / "drop", *EXPORTS)
    first = Import(store, folder)
    assert first.total.rows_in == sum(rows for rows, *_ in EXPECTED.values())
    assert len({event["user_id"] for event in first.events()}) == 2  # one listener, and the log of many
    assert Import(store, folder).messages == []
    again = Import(store, folder, again=True)
    assert again.messages == first.messages


@pytest.mark.parametrize(
    ("kinds", "plays"),
    [
        (("lastfm_csv", "lastfm_json"), 3),  # a page of JSON holds one more
        (("listenbrainz", "listenbrainz_json", "listenbrainz_array"), 3),
    ],
)
def test_the_same_listens_in_another_form_are_the_same_events(
    tmp_path: Path, kinds: tuple[str, ...], plays: int
) -> None:
    run = Import(MemoryStore(), write(tmp_path / "drop", *kinds))
    assert run.total.accepted == len({event["event_id"] for event in run.events()}) == plays
    assert run.total.by_reason["duplicate_row"] > 0


def plays(tmp_path: Path, kind: str, *others: str, **context: Any) -> list[dict[str, Any]]:
    return Import(MemoryStore(), write(tmp_path / "drop", kind, *others), **context).events()


def times(play: dict[str, Any]) -> tuple[str, str]:
    return play["started_at"][11:23], play["occurred_at"][11:23]


def test_spotify_account_keeps_real_repeats_of_a_minute(tmp_path: Path) -> None:
    run = Import(MemoryStore(), write(tmp_path / "drop", "spotify_account"))
    first, second, third = run.events()
    assert first["event_id"] != second["event_id"]
    assert times(first) == times(second) == ("10:03:00.000", "10:03:00.000")
    assert (times(third), third["ms_played"]) == (("10:03:40.000", "10:07:00.000"), 200_000)
    (spoken,) = run.events("podcast_events")
    assert (spoken["action"], spoken["position_ms"]) == ("play", 60_000)
    assert any(b"Show,Part 1" in body for body in run.store.values())
    (tmp_path / "drop/more.dat").write_text(EXPORTS["spotify_account"] + " ", encoding="utf-8")
    more = Import(run.store, tmp_path / "drop")
    assert (more.total.accepted, more.total.by_reason["duplicate_row"]) == (0, 4)


def test_listenbrainz_tells_recording_length_and_time_listened(tmp_path: Path) -> None:
    known, long, bare = plays(tmp_path, "listenbrainz")
    assert (known["track_id"], known["artist_id"], known["isrc"]) == (MBID, MBID, "GBAYE8100053")
    assert (known["ms_played"], known["duration_ms"]) == (100_000, 206_760)
    assert times(known) == ("10:00:00.000", "10:01:40.000")
    assert ("ms_played" not in long, long["duration_ms"]) == (True, 180_000)
    assert times(long) == ("10:05:00.000", "10:08:00.000")
    assert times(bare) == ("10:08:20.000", "10:08:20.000")


def test_maloja_and_panoscrobbler_tell_lengths(tmp_path: Path) -> None:
    whole, partly = plays(tmp_path, "maloja")
    assert (whole["artist_name"], whole["duration_ms"]) == ("Artist", 220_000)
    assert times(whole) == ("10:00:00.000", "10:03:40.000")
    assert (partly["ms_played"], times(partly)) == (90_000, ("10:05:00.000", "10:06:30.000"))
    (tmp_path / "pano").mkdir()
    (pano,) = plays(tmp_path / "pano", "panoscrobbler")
    assert (pano["duration_ms"], times(pano)) == (200_000, ("10:00:00.000", "10:03:20.000"))


def test_an_old_export_of_maloja_has_no_inner_track(tmp_path: Path) -> None:
    row = {"time": 1709287200, "artists": ["Artist"], "title": "Song", "album": "Album", "duration": 220}
    (tmp_path / "old").write_text(json.dumps({"scrobbles": [row]}), encoding="utf-8")
    (play,) = Import(MemoryStore(), tmp_path).events()
    assert (play["track_title"], play["album_title"], play["duration_ms"]) == ("Song", "Album", 220_000)
    assert "ms_played" not in play


def test_a_players_log_is_placed_in_its_zone_and_a_skip_counts_no_time(tmp_path: Path) -> None:
    listened, skipped = plays(tmp_path, "scrobbler_log")
    assert (listened["track_id"], listened["duration_ms"], listened["skipped"]) == (MBID, 259_000, False)
    assert times(listened) == ("10:00:00.000", "10:04:19.000")
    assert (skipped["skipped"], skipped["ms_played"]) == (True, 0)
    assert times(skipped) == ("10:05:00.000", "10:05:00.000")
    (berlin, _) = plays(tmp_path, "scrobbler_log", zone=ZoneInfo("Europe/Berlin"))
    assert times(berlin)[0] == "09:00:00.000"


def test_librefm_reads_utf7_back(tmp_path: Path) -> None:
    first, second = plays(tmp_path, "librefm")
    assert (first["track_title"], first["album_title"]) == ("So-ng", "Album")
    assert (times(second)[0], "album_title" in second) == ("10:05:00.000", False)


def test_youtube_music_tells_song_and_artist_and_nothing_of_what_else_was_watched(tmp_path: Path) -> None:
    run = Import(MemoryStore(), write(tmp_path / "drop", "youtube_music"))
    assert {(e["artist_name"], e["track_title"], e["track_id"]) for e in run.events()} == {
        ("Artist", "Song", "youtube:abcdefghijk")
    }
    assert b"Private" not in run.produced()


def test_apple_music_finds_the_artist_in_the_files_beside_it(tmp_path: Path) -> None:
    (alone,) = plays(tmp_path, "apple_music")
    assert alone["artist_name"] == "Band"
    whole, skipped = plays(tmp_path, "apple_music", "apple_library")
    assert {whole["artist_name"], skipped["artist_name"]} == {"Artist"}
    assert (times(whole), whole["duration_ms"]) == (("10:00:00.000", "10:03:20.000"), 200_000)
    assert (times(skipped), skipped["skipped"]) == (("10:03:30.500", "10:04:00.500"), True)
    assert (whole["country"], whole["device"]) == ("DE", "ios")


REAL = {
    "koito/lastfm_recenttracks_export.json": (10, 10),
    "koito/listenbrainz_export_2025_1.jsonl": (19, 19),
    "koito/listenbrainz_export_2025_6.jsonl": (5, 5),
    "koito/maloja_import_test.json": (38, 38),
    "listenbrainz_server_testdata/.scrobbler.log": (4, 3),
    "listenbrainz_server_testdata/librefm.csv": (3, 3),
    "listenbrainz_server_testdata/librefm_no_album_column.csv": (2, 2),
    "listenbrainz_server_testdata/listenbrainz_all_invalid.jsonl": (3, 0),
    "listenbrainz_server_testdata/maloja.json": (2, 2),
    "listenbrainz_server_testdata/spotify_streaming_2023.json": (5, 5),
    "listenbrainz_server_testdata/timestamp_before_lfm_founding.json": (1, 0),
    "listenbrainz_server_testdata/valid_import.json": (2, 2),
    "mixtapestudy/music_history_realistic.json": (804, 804),
}


@pytest.mark.parametrize("name", REAL)
def test_the_services_own_samples(name: str) -> None:
    if not FIXTURES.is_dir():
        pytest.skip(f"exports of other projects absent at {FIXTURES}: they may not be redistributed")
    run = Import(MemoryStore(), FIXTURES / name)
    assert run.counts()[:2] == REAL[name]
    assert is_balanced(run)


in_one_folder = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
CUTS = st.tuples(st.floats(0, 1), st.floats(0, 0.2), st.binary(max_size=6))


@pytest.mark.parametrize("kind", [kind for kind in EXPORTS if kind not in REFERENCES])
@given(cuts=st.lists(CUTS, min_size=1, max_size=3))
@in_one_folder
def test_any_damage_adds_up(tmp_path: Path, kind: str, cuts: list[tuple[float, float, bytes]]) -> None:
    body = EXPORTS[kind].encode()
    for at, length, replacement in cuts:
        first = int(at * len(body))
        body = body[:first] + replacement + body[first + int(length * len(body)) :]
    assert adds_up(tmp_path / "any", kind, body)


VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
JSON_KINDS = [kind for kind in EXPORTS if kind not in REFERENCES and EXPORTS[kind][0] in "[{"]


@pytest.mark.parametrize("kind", JSON_KINDS)
@given(changes=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), VALUE), min_size=1, max_size=4))
@in_one_folder
def test_any_value_in_any_field_adds_up(
    tmp_path: Path, kind: str, changes: list[tuple[int, int, object]]
) -> None:
    lines = EXPORTS[kind].splitlines() if kind in LINES else [EXPORTS[kind]]
    found = [json.loads(line) for line in lines]
    objects = list(every_object(found))
    for row, field, value in changes:
        target = objects[row % len(objects)]
        if target:
            target[list(target)[field % len(target)]] = value
    body = "\n".join(map(json.dumps, found)).encode()
    assert adds_up(tmp_path / "any", kind, body)


def every_object(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from every_object(part)


def adds_up(path: Path, kind: str, body: bytes) -> bool:
    """Whether the file is imported and every row of it counted, or is refused in one line."""
    path.write_bytes(body)
    try:
        run = Import(MemoryStore(), path)
    except BackbeatError as error:
        return str(error).startswith(f"{path}: ") and "\n" not in str(error)
    rows_in, accepted, rejected = run.counts()
    return rows_in == accepted + rejected and (kind in UNSENT or is_balanced(run))
