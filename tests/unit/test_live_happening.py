"""What the live path takes from Kafka is what the contract's classes take."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.events import TOPICS
from serving.live.happening import FOLLOWED, BadRecordError, End, Start, happening

EVENT = {
    "event_id": "01931c5e-7a2b-7cc0-8000-000000000001",
    "schema_version": 1,
    "user_id": "u",
    "occurred_at": "2026-11-21T12:00:00.500Z",
    "source": "test",
    "country": "SE",
    "play_id": "p",
    "track_id": "t",
    "track_title": "Jóga",
    "artist_name": "Björk",
    "duration_ms": 200_000,
}
AT = 1_795_262_400.5
_values = st.sampled_from(
    [None, 0, -1, 1, 2**63, 1.5, True, "", "x", "SE", "se", "SE\n", [], {}, "2026-11-21T12:00:00Z",
     "2026-02-30T12:00:00Z", "2026-11-21T12:00:00+02:00", "2026-11-21", "0000-01-01T00:00:00Z",
     1_795_262_400_000, 10**20]
)  # fmt: skip


def wire(**changes: Any) -> bytes:
    return orjson.dumps({**EVENT, **changes})


def test_a_start_an_end_and_a_skip_say_what_they_are() -> None:
    start = happening("playback_started", wire(device="phone"))
    assert isinstance(start, Start)
    assert (start.at, start.seconds, start.device, start.country) == (AT, 200.0, "phone", "SE")
    end = happening("plays", wire(started_at="2026-11-21T11:57:00Z", ms_played=29_999))
    assert isinstance(end, End)
    assert (end.began_at, end.counts, end.track and end.track.artist) == (AT - 180.5, False, "Björk")
    skip = happening("skips", wire(position_ms=30_500))
    assert isinstance(skip, End)
    assert (skip.began_at, skip.track) == (AT - 30.5, None)


@pytest.mark.parametrize("ms_played", [None, 30_000])
def test_half_a_minute_counts_and_so_does_a_scrobble(ms_played: int | None) -> None:
    end = happening("plays", wire(ms_played=ms_played))
    assert isinstance(end, End)
    assert end.counts


def test_epoch_milliseconds_are_times_too() -> None:
    assert happening("playback_started", wire(occurred_at=1_795_262_400_500)).at == AT


@pytest.mark.parametrize("value", [None, b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_rubbish_is_told_apart(value: bytes | None) -> None:
    with pytest.raises(BadRecordError):
        happening("plays", value)


@given(
    st.sampled_from(FOLLOWED), st.sampled_from([*EVENT, "started_at", "ms_played", "position_ms"]), _values
)
def test_its_verdict_is_the_classs(topic: str, field: str, value: Any) -> None:
    given_fields = {"position_ms": 5, **EVENT, field: value}
    try:
        text = orjson.dumps(given_fields)
    except orjson.JSONEncodeError:
        return
    try:
        TOPICS[topic].model_validate_json(text)
    except ValidationError:
        with pytest.raises(BadRecordError):
            happening(topic, text)
    else:
        happening(topic, text)
