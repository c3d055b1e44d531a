"""Listens as scrobblers send them to ListenBrainz, and the events they become."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.judge import judge as sink_judge
from contracts.web.refusal import RefusalError
from producer.collector.listen import EARLIEST_S, Listener
from producer.collector.record import Record
from producer.collector.submission import parse, records

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
ALICE = Listener("listenbrainz-1", NOW, timedelta(hours=1))
MBID = "2c78f1f5-5a2b-4a4c-9f2e-0123456789ab"
TRACK: dict[str, Any] = {
    "artist_name": " Björk ",
    "track_name": "Jóga",
    "release_name": "Homogenic",
    "additional_info": {
        "media_player": "Rhythmbox",
        "submission_client": "Some scrobbler",
        "recording_mbid": MBID.upper(),
        "artist_mbids": [MBID, ""],
        "release_mbid": "",
        "tracknumber": 2,
        "isrc": "GBAAN9700061",
        "duration_ms": 305_000,
        "duration_played": 150,
        "tags": ["electronic"],
    },
}
LISTEN = {"listened_at": NOW_S - 600, "track_metadata": TRACK}
_NOTHING = object()


def converted(listen: Any, kind: str = "single", by: Listener = ALICE) -> Record:
    (record,) = records(kind, [listen], by)
    return record


def event(listen: Any, kind: str = "single", by: Listener = ALICE) -> dict[str, Any]:
    record = converted(listen, kind, by)
    assert sink_judge(record.topic, [record.value], [None]).errors == [None]
    found: dict[str, Any] = orjson.loads(record.value)
    assert record.key.decode() == found["user_id"] == by.user_id
    assert record.event_id == found["event_id"]
    return found


def changed(**changes: Any) -> dict[str, Any]:
    """A listen whose track has other values; `_NOTHING` leaves one out."""
    track = {**TRACK, **changes}
    return {**LISTEN, "track_metadata": {k: v for k, v in track.items() if v is not _NOTHING}}


def told(**info: Any) -> dict[str, Any]:
    """A listen with other additional info."""
    return changed(additional_info=info)


def test_a_single_listen_is_a_play() -> None:
    found = event(LISTEN)
    assert converted(LISTEN).topic == "plays"
    del found["event_id"], found["play_id"]
    assert found == {
        "schema_version": 1,
        "user_id": "listenbrainz-1",
        "received_at": "2026-11-21T12:00:00.000Z",
        "source": "collector.listenbrainz",
        "device": "Rhythmbox",
        "track_id": MBID,
        "track_title": "Jóga",
        "artist_name": "Björk",
        "artist_id": MBID,
        "album_title": "Homogenic",
        "isrc": "GBAAN9700061",
        "duration_ms": 305_000,
        "ms_played": 150_000,
        "started_at": "2026-11-21T11:50:00.000Z",
        "occurred_at": "2026-11-21T11:52:30.000Z",
    }


def test_the_same_listen_is_the_same_event_however_it_comes() -> None:
    ids = {
        event(LISTEN)["event_id"],
        event(LISTEN, "import")["event_id"],
        event(changed(additional_info=None))["event_id"],
        event({**LISTEN, "listened_at": str(NOW_S - 600)})["event_id"],
        event(LISTEN, by=Listener("listenbrainz-1", NOW + timedelta(days=1), timedelta(0)))["event_id"],
    }
    assert len(ids) == 1
    others = {
        event({**LISTEN, "listened_at": NOW_S - 601})["event_id"],
        event(changed(track_name="Bachelorette"))["event_id"],
        event(changed(artist_name="Somebody else"))["event_id"],
        event(LISTEN, by=Listener("listenbrainz-2", NOW, timedelta(0)))["event_id"],
    }
    assert len(others | ids) == 5


def test_what_is_playing_now_is_a_start_and_each_is_one_of_its_own() -> None:
    found = event({"track_metadata": TRACK}, "playing_now")
    assert converted({"track_metadata": TRACK}, "playing_now").topic == "playback_started"
    assert found["occurred_at"] == "2026-11-21T12:00:00.000Z"
    assert found["event_id"] != event({"track_metadata": TRACK}, "playing_now")["event_id"]


def test_a_scrobble_that_says_little_is_a_play_without_length() -> None:
    found = event({"listened_at": NOW_S, "track_metadata": {"artist_name": "A", "track_name": "B"}})
    assert found["occurred_at"] == found["started_at"]
    assert found["track_id"].startswith("listenbrainz-track-")
    assert {"ms_played", "duration_ms", "device", "album_title"} & set(found) == set()


def test_a_play_has_not_ended_before_it_is_told_nor_before_it_began() -> None:
    assert event({**LISTEN, "listened_at": NOW_S - 60})["occurred_at"] == "2026-11-21T12:00:00.000Z"
    assert event({**LISTEN, "listened_at": NOW_S + 60})["occurred_at"] == "2026-11-21T12:01:00.000Z"


@pytest.mark.parametrize(
    ("listen", "sentence"),
    [
        (5, "an object"),
        (None, "an object"),
        ({}, "the key listened_at"),
        ({**LISTEN, "listened_at": None}, "an int value for listened_at"),
        ({**LISTEN, "listened_at": "soon"}, "an int value for listened_at"),
        ({**LISTEN, "listened_at": [1]}, "an int value for listened_at"),
        ({**LISTEN, "listened_at": NOW_S + 3_600}, "listened_at is too high"),
        ({**LISTEN, "listened_at": NOW_S * 10**9}, "listened_at is too high"),
        ({**LISTEN, "listened_at": EARLIEST_S - 1}, "listened_at is too low"),
        ({"listened_at": NOW_S}, "the key track_metadata"),
        ({**LISTEN, "more": 1}, "may only contain listened_at and track_metadata"),
        ({**LISTEN, "track_metadata": None}, "object for track_metadata"),
        (changed(track_name=_NOTHING), "does not contain required field track_metadata.track_name"),
        (changed(artist_name=None), "does not contain required field track_metadata.artist_name"),
        (changed(artist_name=["A", "B"]), "artist_name must be a single string"),
        (changed(track_name="  "), "track_name is empty"),
        (changed(release_name=5), "release_name must be a single string"),
        (changed(track_name="a\0b"), "unicode null"),
        (changed(additional_info=[1]), "object for additional_info"),
        (told(tags=["x"] * 51), "at most 50"),
        (told(tags="rock"), "at most 50"),
        (told(tags=["x" * 65]), "at most 64 characters"),
        (told(tags=[5]), "at most 64 characters"),
        (told(duration=5, duration_ms=5_000), "both duration and duration_ms"),
        (told(duration_ms=0), "Value for duration_ms is invalid"),
        (told(duration="long"), "Value for duration is invalid"),
        (told(duration_ms=2_073_600_001), "Value for duration_ms is invalid"),
        (told(recording_mbid="no uuid"), "recording_mbid MBID format invalid"),
        (told(track_mbid=7), "track_mbid MBID format invalid"),
        (told(artist_mbids=["x"]), "artist_mbids MBID format invalid"),
    ],
)
def test_what_listenbrainz_would_not_take_is_refused_with_its_reason(listen: Any, sentence: str) -> None:
    with pytest.raises(RefusalError) as raised:
        converted(listen)
    assert raised.value.status == 400
    assert sentence in raised.value.error


def test_what_listenbrainz_takes_is_taken() -> None:
    for fine in (
        {**LISTEN, "listened_at": NOW_S + 3_599},
        {**LISTEN, "listened_at": EARLIEST_S},
        changed(release_name=None),
        changed(track_name="backslash \\u0000"),
        told(duration="180", duration_played=0),
        told(artist_mbids=MBID, work_mbids=None, recording_mbid=None, unknown={"deep": [1]}),
    ):
        event(fine)
    with pytest.raises(RefusalError, match="must not contain listened_at"):
        converted(LISTEN, "playing_now")


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"{", "Cannot parse JSON document"),
        (b"\xff", "Cannot parse JSON document"),
        (b"[]", "Top level of JSON document should be a json object"),
        (b"{}", "Invalid JSON document submitted."),
        ({"listen_type": "single"}, "Invalid JSON document submitted."),
        ({"payload": [LISTEN]}, "Invalid JSON document submitted."),
        ({"listen_type": "single", "payload": LISTEN}, "should be a list of listens"),
        ({"listen_type": "single", "payload": []}, "does not contain any listens"),
        ({"listen_type": "love", "payload": [LISTEN]}, "requires a valid listen_type"),
        ({"listen_type": ["single"], "payload": [LISTEN]}, "requires a valid listen_type"),
        ({"listen_type": "single", "payload": [LISTEN, LISTEN]}, "more than one listen"),
        ({"listen_type": "import", "payload": [{}] * 1_001}, "not submit more than 1000 listens"),
        ({"listen_type": "import", "payload": ["x" * 10_300]}, "may not be larger than 10240 bytes"),
        (b" " * 10_240_001, "cannot exceed 10240000 bytes"),
    ],
)
def test_a_document_that_is_none_is_refused(document: bytes | dict[str, Any], sentence: str) -> None:
    with pytest.raises(RefusalError) as raised:
        parse(document if isinstance(document, bytes) else json.dumps(document).encode())
    assert raised.value.status == 400
    assert sentence in raised.value.error


_ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just(MBID),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(list(TRACK["additional_info"])), _ODD, max_size=3), _ODD)
def test_no_listen_crashes_and_none_that_is_taken_is_rubbish(info: dict[str, Any], odd: Any) -> None:
    for listen in (told(**info), changed(track_name=odd), {**LISTEN, "listened_at": odd}, odd):
        body = json.dumps({"listen_type": "import", "payload": [listen]}).encode(errors="surrogatepass")
        with suppress(RefusalError):
            taken = records(*parse(body), ALICE)
            assert [sink_judge(r.topic, [r.value], [None]).errors for r in taken] == [[None]]
