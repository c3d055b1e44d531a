"""Look by look: what has begun, and how far an episode was heard."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from contracts.events import TOPICS
from producer.importers.context import Context
from producer.importers.converted import Accepted
from producer.importers.formats.spotify import FORMAT, row_of
from producer.importers.pseudonym import Pseudonyms
from producer.pollers.answers import Playing
from producer.pollers.now_playing import Seen, changes, look, show_id
from tests.spotify_server import BEGIN, episode, playing, track

AT = int(BEGIN.timestamp() * 1000)
Look = tuple[int, dict[str, Any] | None]


def told(*looks: Look) -> list[tuple[str, str, int]]:
    """What looks at (second, answer) publish: topic, action or title, and second or position (s)."""
    before: Seen | None = None
    found: list[tuple[str, str, int]] = []
    for second, answer in looks:
        at_ms = AT + second * 1000
        seen = look(None if answer is None else Playing.model_validate(answer), at_ms)
        for row in changes(before, seen, at_ms, "spotify-1"):
            assert isinstance(row, Accepted)
            assert row.value is not None
            event = orjson.loads(row.value)
            TOPICS[row.topic].model_validate(event)
            if row.topic == "podcast_events":
                found.append((row.topic, event["action"], event["position_ms"] // 1000))
            else:
                began = TOPICS[row.topic].model_validate(event).occurred_at
                found.append((row.topic, event["track_title"], int((began - BEGIN).total_seconds())))
        before = seen
    return found


def test_a_track_begins_once() -> None:
    song = track("Orchard")
    looks = [(20, playing(song, 5_000)), (35, playing(song, 20_000)), (50, playing(song, 36_000))]
    assert told(*looks) == [("playback_started", "Orchard", 15)]


def test_a_track_that_is_paused_and_moved_back_has_not_begun_again() -> None:
    song = track("Orchard")
    looks = [
        (0, playing(song, 100_000)),
        (15, playing(song, 110_000, is_playing=False)),
        (60, playing(song, 110_000, is_playing=False)),
        (75, playing(song, 50_000)),
    ]
    assert told(*looks) == [("playback_started", "Orchard", -100)]


def test_a_track_on_repeat_begins_again() -> None:
    song = track("Orchard")
    assert told((0, playing(song, 175_000)), (15, playing(song, 10_000))) == [
        ("playback_started", "Orchard", -175),
        ("playback_started", "Orchard", 5),
    ]


def test_one_track_follows_another() -> None:
    looks = [(0, playing(track("A"), 0)), (15, None), (30, playing(track("B"), 0))]
    assert [title for _, title, _ in told(*looks)] == ["A", "B"]


def test_an_episode_is_played_paused_and_completed() -> None:
    chess = episode("Chess", 1_800_000)
    looks = [
        (0, playing(chess, 0)),
        (15, playing(chess, 15_000)),
        (30, playing(chess, 20_000, is_playing=False)),
        (600, playing(chess, 1_790_000)),
        (615, None),
    ]
    assert told(*looks) == [
        ("podcast_events", "play", 0),
        ("podcast_events", "pause", 20),
        ("podcast_events", "play", 1_790),
        ("podcast_events", "complete", 1_800),
    ]


def test_an_episode_left_for_something_else_is_paused_where_it_was_last_seen() -> None:
    looks = [(0, playing(episode(), 60_000)), (15, playing(track("A"), 0))]
    assert told(*looks) == [
        ("podcast_events", "play", 60),
        ("podcast_events", "pause", 60),
        ("playback_started", "A", 15),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        {"is_playing": True, "currently_playing_type": "ad", "item": None, "progress_ms": 1},
        {"is_playing": True, "currently_playing_type": "unknown", "item": {}, "progress_ms": None},
        {"is_playing": True, "currently_playing_type": "audiobook", "item": track()},
        {"is_playing": True, "currently_playing_type": "track", "item": {"name": "no more"}},
        {"is_playing": False, "currently_playing_type": "track", "item": track()},
    ],
)
def test_what_is_neither_music_nor_an_episode_says_nothing(answer: dict[str, Any]) -> None:
    assert told((0, answer), (15, None)) == []


def test_a_show_has_the_id_that_an_import_gives_it() -> None:
    row: dict[str, object] = {
        "ts": "2026-11-01T12:00:00Z",
        "ms_played": 1_000,
        "episode_name": "Chess",
        "episode_show_name": "The Chess Hour",
    }
    (imported,) = FORMAT.convert([row_of(row)], Context(Pseudonyms(b"key"), BEGIN))
    assert isinstance(imported, Accepted)
    assert imported.value is not None
    assert orjson.loads(imported.value)["podcast_id"] == show_id("The Chess Hour")
