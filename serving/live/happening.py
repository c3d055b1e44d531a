"""A record of Kafka as the live path sees it: a start or an end, held to the contract."""

from __future__ import annotations

import re
from datetime import datetime
from sys import intern
from typing import Any, NamedTuple

import msgspec
from pydantic import ValidationError

from contracts.events import TOPICS
from contracts.shape import decoder

FOLLOWED = ("playback_started", "plays", "skips")
COUNTED_MS = 30_000  # as dbt's var counted_play_ms; a source that only scrobbles reports no shorter play
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII).fullmatch
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", re.ASCII).fullmatch


class BadRecordError(Exception):
    """No event of its topic; the message is the code it is counted under."""


class Track(NamedTuple):
    """What is shown of a track."""

    track_id: str
    title: str
    artist: str


class Start(NamedTuple):
    """A track begins; `at` in epoch seconds, `seconds` is its length if the source knows it."""

    user_id: str
    play_id: str
    country: str | None
    at: float
    track: Track
    device: str | None
    seconds: float | None


class End(NamedTuple):
    """A play has ended, or was skipped (then `track` is None: the play itself is told beside it)."""

    user_id: str
    play_id: str
    country: str | None
    at: float
    began_at: float | None
    track: Track | None
    counts: bool


def happening(topic: str, value: bytes | None) -> Start | End:
    """The event in `value`; `BadRecordError` for what the contract's class refuses."""
    if not value:
        raise BadRecordError("empty")
    event = _quickly(topic, value) or _surely(topic, value)
    at = _seconds(event.occurred_at)
    if topic == "skips":
        began = at - max(event.position_ms, 0) / 1000
        return End(event.user_id, event.play_id, event.country, at, began, None, counts=False)
    track = Track(event.track_id, event.track_title, event.artist_name)
    length = event.duration_ms
    if topic == "playback_started":
        seconds = length / 1000 if length is not None else None
        # A million listeners are of a few countries, at a few devices.
        country, device = _one(event.country), _one(event.device)
        return Start(event.user_id, event.play_id, country, at, track, device, seconds)
    began = None if event.started_at is None else _seconds(event.started_at)
    counts = event.ms_played is None or event.ms_played >= COUNTED_MS
    return End(event.user_id, event.play_id, event.country, at, began, track, counts)


def _one(text: str | None) -> str | None:
    """`text`, the same object each time."""
    return None if text is None else intern(text)


def _quickly(topic: str, value: bytes) -> Any:
    """The event by msgspec, if it certainly fits its class; None if the class must say."""
    try:
        event = decoder(topic).decode(value)
        for moment in (event.occurred_at, event.received_at, getattr(event, "started_at", None)):
            if moment is not None:
                if _TIME(moment) is None:
                    return None
                datetime.fromisoformat(moment)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return event if _ID(event.event_id) else None


def _surely(topic: str, value: bytes) -> Any:
    try:
        return TOPICS[topic].model_validate_json(value)
    except (ValidationError, RecursionError) as error:
        raise BadRecordError("malformed") from error


def _seconds(moment: str | datetime) -> float:
    """Since the epoch."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    try:
        return moment.timestamp()
    except (OverflowError, ValueError) as error:
        raise BadRecordError("malformed") from error
