"""What Spotify lists → `plays`: both times, the most that can have been heard, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import TOPICS
from contracts.ids import uuid7
from producer.importers.context import Context
from producer.importers.converted import Accepted, Rejected
from producer.importers.pseudonym import Pseudonyms
from producer.pollers.cursor import Cursor
from producer.pollers.plays import Line, Start, converted
from tests.spotify_server import played, stamp

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def lines(*items: Any, newest_ms: int | None = None, **known: Any) -> list[Line]:
    cursor = Cursor(user_id="spotify-1", account="a", newest_ms=newest_ms, **known)
    return list(converted(items, Context(Pseudonyms(b"key"), NOW), cursor))


def begun(minute: float, name: str) -> Start:
    at_ms = int(datetime.fromisoformat(stamp(minute)).timestamp() * 1000)
    return Start(play_id=str(uuid7(at_ms)), track_id=f"spotify:track:{name}", started_ms=at_ms)


def event(line: Line) -> dict[str, Any]:
    assert isinstance(line.outcome, Accepted)
    assert line.outcome.value is not None
    told: dict[str, Any] = orjson.loads(line.outcome.value)
    TOPICS["plays"].model_validate(told)
    return told


def test_a_line_becomes_a_play_with_both_times() -> None:
    (line,) = lines(played(10, "Orchard"))
    told = event(line)
    assert told.pop("event_id") == told.pop("play_id") == line.event_id
    assert told == {
        "schema_version": 1,
        "user_id": "spotify-1",
        "source": "poll.spotify",
        "occurred_at": stamp(10),
        "started_at": stamp(7),
        "track_id": "spotify:track:Orchard",
        "track_title": "Orchard",
        "artist_id": "spotify:artist:a1",
        "artist_name": "The Lanterns",
        "album_title": "Harbour",
        "ms_played": 180_000,
        "duration_ms": 180_000,
        "context": "playlist",
    }
    assert line.outcome.key == b"spotify-1"


def test_no_play_is_longer_than_the_time_since_the_one_before() -> None:
    told = [event(line) for line in lines(played(11), played(10), played(20))]
    assert [play["occurred_at"] for play in told] == [stamp(10), stamp(11), stamp(20)]
    assert [play["ms_played"] for play in told] == [180_000, 60_000, 180_000]
    assert told[1]["started_at"] == told[0]["occurred_at"]


def test_the_newest_play_of_the_look_before_bounds_the_first_one() -> None:
    newest_ms = int(datetime.fromisoformat(stamp(9)).timestamp() * 1000)
    assert event(lines(played(10), newest_ms=newest_ms)[0])["ms_played"] == 60_000
    assert event(lines(played(8), newest_ms=newest_ms)[0])["ms_played"] == 180_000


def test_two_plays_at_one_instant_bound_neither() -> None:
    told = [event(line) for line in lines(played(10, "A"), played(10, "B"))]
    assert [play["ms_played"] for play in told] == [180_000, 180_000]
    assert told[0]["event_id"] != told[1]["event_id"]


def test_the_id_hangs_on_listener_time_and_track_alone() -> None:
    again = played(10, "Orchard", length_ms=200_000) | {"context": None}
    assert lines(played(10, "Orchard"))[0].event_id == lines(again)[0].event_id
    assert lines(played(10, "Orchard"))[0].event_id != lines(played(10, "Other"))[0].event_id


def test_a_play_that_was_seen_to_begin_is_that_play() -> None:
    start = begun(5, "A")
    told = event(lines(played(10, "A"), starts=(start,))[0])
    assert (told["play_id"], told["started_at"]) == (start.play_id, stamp(5))
    assert told["ms_played"] == 180_000  # two minutes' pause
    told = event(lines(played(10, "A"), starts=(begun(9, "A"),))[0])
    assert (told["started_at"], told["ms_played"]) == (stamp(9), 60_000)


def test_no_two_plays_have_one_beginning() -> None:
    first, second = begun(1, "A"), begun(5, "A")
    found = lines(played(4, "A"), played(8, "A"), played(12, "A"), starts=(first, second))
    assert [line.start for line in found] == [first, second, None]
    again = lines(played(4, "A"), played(8, "A"), starts=(second,), published=(found[0].event_id,))
    assert [line.start for line in again] == [None, second]


@pytest.mark.parametrize("start", [begun(11, "A"), begun(10, "A"), begun(5, "B"), begun(-60, "A")])
def test_another_beginning_is_not_its_own(start: Start) -> None:
    assert lines(played(10, "A"), starts=(start,))[0].start is None


def test_a_recordings_code_is_kept_where_there_is_one() -> None:
    item = played(10)
    item["track"]["external_ids"] = {"isrc": "USRC17607839"}
    assert event(lines(item)[0])["isrc"] == "USRC17607839"
    item["track"]["external_ids"] = {"isrc": 7}
    assert "isrc" not in event(lines(item)[0])


def test_a_file_of_the_listeners_own_has_its_names_for_an_id() -> None:
    item = played(10)
    item["track"] |= {"id": None, "uri": "spotify:local:Me:Demo:Song:180", "album": None, "is_local": True}
    assert event(lines(item)[0])["track_id"] == "spotify:local:Me:Demo:Song:180"
    item["track"]["uri"] = "spotify:local:" + "x" * 300
    assert len(event(lines(item)[0])["track_id"]) < 60


@pytest.mark.parametrize(
    ("item", "reason", "detail"),
    [
        ("text", "invalid_field", "item"),
        (None, "invalid_field", "item"),
        ({}, "invalid_field", "track, played_at"),
        (played(10, length_ms=10**18), "invalid_field", "track.duration_ms"),
        (played(10, length_ms=-1), "invalid_field", "track.duration_ms"),
        (played(10) | {"track": None}, "invalid_field", "track"),
        (played(10) | {"played_at": "yesterday"}, "bad_played_at", "played_at"),
        (played(10) | {"played_at": "2999-01-01T00:00:00Z"}, "occurred_in_future", "played_at"),
        (played(10) | {"played_at": "1970-01-01T00:00:00Z"}, "occurred_too_early", "played_at"),
    ],
)
def test_a_bad_line_is_refused_alone(item: Any, reason: str, detail: str) -> None:
    found = lines(item, played(20))
    refused = [line.outcome for line in found if isinstance(line.outcome, Rejected)]
    assert [(fault.reason, fault.detail) for row in refused for fault in row.faults] == [(reason, detail)]
    (sound,) = [line for line in found if isinstance(line.outcome, Accepted)]
    assert event(sound)["occurred_at"] == stamp(20)
    assert [line.ended_ms for line in found if isinstance(line.outcome, Rejected)] == [None]


def test_what_has_another_shape_is_kept_by_its_hash_alone() -> None:
    (line,) = lines({"secret": "ip address", "played_at": stamp(3)})
    assert isinstance(line.outcome, Rejected)
    assert b"ip address" not in line.outcome.value
    assert b"sha256" in line.outcome.value


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
TIMES = st.datetimes().map(lambda moment: moment.isoformat() + "Z")


@st.composite
def almost(draw: st.DrawFn) -> Any:
    """A line as documented, with one of its fields replaced by whatever JSON there is, or gone."""
    item = played(draw(st.integers(0, 600))) | ({"played_at": draw(TIMES)} if draw(st.booleans()) else {})
    within = draw(st.sampled_from([item, item["track"], item["track"]["artists"][0], item["track"]["album"]]))
    name = draw(st.sampled_from(sorted(within)))
    within[name] = draw(JSON)
    if draw(st.booleans()):
        del within[name]
    return item


@given(st.lists(JSON | almost(), max_size=4), st.none() | st.integers(0, 2**45))
def test_no_answer_crashes_and_every_line_is_accepted_or_refused(
    items: list[Any], newest_ms: int | None
) -> None:
    found = lines(*items, newest_ms=newest_ms)
    assert len(found) == len(items)
    for line in found:
        if isinstance(line.outcome, Accepted):
            told = event(line)
            assert 0 <= told["ms_played"] <= told["duration_ms"]
