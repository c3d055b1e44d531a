"""A ListenBrainz listen, held to ListenBrainz's own rules, as an event of the contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson
from pydantic import ValidationError

from contracts.events import SCHEMA_VERSION, TOPICS
from contracts.ids import derived_uuid7, uuid7
from producer.collector.record import Record
from producer.collector.track import Info, InvalidListenError, length, named, text_in, track_of
from producer.importers.listen import derived_id
from producer.importers.timestamp import epoch_ms, wire

SOURCE = "collector.listenbrainz"
# A track without an id of its own gets the same as in an import of the listener's export.
IMPORTED = "import.listenbrainz"
EARLIEST_S = 1_033_430_400  # 2002-10-01: what scrobblers say of earlier days is rubbish


@dataclass(frozen=True)
class Listener:
    """Whose listens they are, when they came (UTC), and how far ahead their clock may be."""

    user_id: str
    received_at: datetime
    skew: timedelta


def playing_now(listen: object, listener: Listener) -> Record:
    """The start of a track, now; raises `InvalidListenError`."""
    fields = named(listen, "a listen")
    if "listened_at" in fields:
        raise InvalidListenError("JSON document must not contain listened_at while submitting playing_now.")
    track = track_of(fields, {"track_metadata"})
    moment = listener.received_at
    event_id = str(uuid7(epoch_ms(moment)))
    event = _shared(event_id, listener, track) | {"occurred_at": wire(moment)}
    return _record("playback_started", event, listener)


def listened(listen: object, listener: Listener) -> Record:
    """The play that a listen tells of, whose id is always the same; raises `InvalidListenError`."""
    fields = named(listen, "a listen")
    if "listened_at" not in fields:
        raise InvalidListenError("JSON document must contain the key listened_at at the top level.")
    began = _moment(fields["listened_at"], listener)
    track = track_of(fields, {"listened_at", "track_metadata"})
    info = track["additional_info"]
    identity = (SOURCE, listener.user_id, str(_seconds(began)), track["artist_name"], track["track_name"])
    event_id = str(derived_uuid7(epoch_ms(began), *identity))
    played = length(info, "duration_played", 1_000)
    event = _shared(event_id, listener, track) | {
        # A play has happened when it has ended; most scrobblers only know when it began.
        "occurred_at": wire(_ended(began, played, listener.received_at)),
        "started_at": wire(began),
        "ms_played": played,
        "album_title": track.get("release_name"),
        "artist_id": next(iter(info.get("artist_mbids") or ()), None),
        "isrc": text_in(info, "isrc"),
    }
    return _record("plays", event, listener)


def _shared(event_id: str, listener: Listener, track: Info) -> Info:
    info, title, artist = track["additional_info"], track["track_name"], track["artist_name"]
    return {
        "event_id": event_id,
        "schema_version": SCHEMA_VERSION,
        "user_id": listener.user_id,
        "received_at": wire(listener.received_at),
        "source": SOURCE,
        "device": text_in(info, "media_player", "submission_client"),
        "play_id": event_id,
        "track_id": info.get("recording_mbid") or derived_id(IMPORTED, "track", artist, title),
        "track_title": title,
        "artist_name": artist,
        "duration_ms": length(info, "duration_ms", 1) or length(info, "duration", 1_000),
    }


def _record(topic: str, event: Info, listener: Listener) -> Record:
    value = orjson.dumps({name: field for name, field in event.items() if field is not None})
    try:
        TOPICS[topic].__pydantic_validator__.validate_json(value)
    except ValidationError as error:
        fields = sorted({str(problem["loc"][0]) for problem in error.errors() if problem["loc"]})
        raise InvalidListenError(
            f"JSON document does not make a valid event: {', '.join(fields)}."
        ) from error
    return Record(topic, listener.user_id.encode(), value, event["event_id"])


def _moment(value: object, listener: Listener) -> datetime:
    """When it began: a whole number of seconds, as text too, neither too early nor too late."""
    try:
        seconds = int(value)  # type: ignore[call-overload]  # what it cannot take, it refuses
    except (ValueError, TypeError, OverflowError):
        raise InvalidListenError("JSON document must contain an int value for listened_at.") from None
    if seconds >= _seconds(listener.received_at + listener.skew):
        raise InvalidListenError("Value for key listened_at is too high.")
    if seconds < EARLIEST_S:
        raise InvalidListenError(
            f"Value for key listened_at is too low: it should be at least {EARLIEST_S} (2002-10-01 UTC)."
        )
    return datetime.fromtimestamp(seconds, UTC)


def _ended(began: datetime, played: int | None, now: datetime) -> datetime:
    """When it ended, which is not later than now; when it began if nobody knows how long it was."""
    return max(began, min(began + timedelta(milliseconds=played or 0), now))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
