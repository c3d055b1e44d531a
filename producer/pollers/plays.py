"""What was played, as Spotify lists it → `plays` events.

`played_at` is taken as the moment playing ENDED, which it is but for some plays of devices that were offline.
Spotify does not say how long somebody listened. It cannot have been longer than the track, nor than the time
since the play before it ended, nor than since it was seen to begin: the least of these is `ms_played`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple, Protocol

from pydantic import BaseModel, ValidationError

from producer.importers.context import Context
from producer.importers.converted import Converted, Draft, Fault
from producer.importers.identity import identity
from producer.importers.timestamp import epoch_ms, parse_timestamp, wire
from producer.pollers.answers import Played

SOURCE = "poll.spotify"
TOPIC = "plays"
_MAX_ID = 200
# Between beginning and end lie the track and its pauses; what is further apart is not one play.
_LONGEST_PAUSE_MS = 3_600_000


class Start(BaseModel, frozen=True):
    """A `playback_started` that was published and whose play has not been listed yet."""

    play_id: str
    track_id: str
    started_ms: int


class Known(Protocol):
    """What is known before a look (`producer.pollers.cursor.Cursor`)."""

    @property
    def user_id(self) -> str:
        """Whose plays they are."""

    @property
    def newest_ms(self) -> int | None:
        """When the newest play published so far ended (epoch ms)."""

    @property
    def published(self) -> tuple[str, ...]:
        """The ids of the lines published so far."""

    @property
    def starts(self) -> tuple[Start, ...]:
        """What was seen to begin."""


class Line(NamedTuple):
    """One line of the recently played: what becomes of it, its event id, when it ended (epoch ms; None where
    that cannot be told), and when it was seen to begin, if it was."""

    outcome: Converted
    event_id: str
    ended_ms: int | None = None
    start: Start | None = None


def converted(items: Iterable[object], context: Context, known: Known) -> Iterator[Line]:
    """One line per item, in order of time."""
    starts = list(known.starts)
    before_ms: int | None = None
    for item in sorted(items, key=_ended_ms):
        line = _line(item, context, known, _earlier(before_ms, known.newest_ms, _ended_ms(item)), starts)
        before_ms = before_ms if line.ended_ms is None else line.ended_ms
        if line.start:
            starts.remove(line.start)  # no two plays are one
        yield line


def track_id(uri: str) -> str:
    """Spotify's address of a track, as in its export; hashed where that of a listener's own file is long."""
    return uri if len(uri) <= _MAX_ID else f"spotify-track-{sha256(uri.encode()).hexdigest()[:32]}"


def _ended_ms(item: object) -> int:
    """When the item ended (epoch ms); 0 where it does not say."""
    text = item.get("played_at") if isinstance(item, dict) else None
    return epoch_ms(parse_timestamp(text)) if isinstance(text, str) else 0


def _earlier(before_ms: int | None, newest_ms: int | None, ended_ms: int) -> int | None:
    """When the last play before this one ended, as far as known."""
    known = [ms for ms in (before_ms, newest_ms) if ms is not None and ms < ended_ms]
    return max(known, default=None)


def _line(
    item: object, context: Context, known: Known, before_ms: int | None, starts: Sequence[Start]
) -> Line:
    try:
        played = Played.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, known.user_id, error)
    faults: list[Fault] = []
    moment = context.moment(played.played_at, faults, "played_at")
    uri = track_id(played.track.uri)
    ended_ms = epoch_ms(moment)
    event_id = identity(ended_ms, SOURCE, known.user_id, uri, ended_ms)
    row = {"user_id": known.user_id, "played_at": played.played_at, "track_id": uri}
    draft = Draft(TOPIC, SOURCE, event_id, known.user_id, row, faults)
    if faults or moment is None:
        return Line(draft.refuse(faults), event_id)
    length = played.track.duration_ms
    start = None if event_id in known.published else _start(starts, uri, ended_ms, length)
    since = [before_ms, start.started_ms if start else None]
    heard = min([length, *(ended_ms - ms for ms in since if ms is not None)])
    began = timedelta(milliseconds=ended_ms - start.started_ms if start else heard)
    fields = {
        "occurred_at": wire(moment),
        "started_at": wire(moment - began),
        "play_id": start.play_id if start else event_id,
        "track_id": uri,
        "ms_played": heard,
        **_described(played),
    }
    return Line(draft.event(fields), event_id, ended_ms, start)


def _start(starts: Sequence[Start], uri: str, ended_ms: int, length: int) -> Start | None:
    """The last beginning of the track that this can be the end of."""
    earliest_ms = ended_ms - length - _LONGEST_PAUSE_MS
    fitting = [
        start for start in starts if start.track_id == uri and earliest_ms <= start.started_ms < ended_ms
    ]
    return max(fitting, key=lambda start: start.started_ms, default=None)


def _described(played: Played) -> dict[str, object]:
    track = played.track
    return {
        "track_title": track.name,
        "artist_id": track.artists[0].uri,
        "artist_name": track.artists[0].name,
        "album_title": track.album.name if track.album else None,
        "isrc": track.isrc,
        "duration_ms": track.duration_ms,
        "context": played.context.type if played.context else None,
    }


def _unreadable(item: object, user_id: str, error: ValidationError) -> Line:
    """Kept by its hash alone: what has another shape than documented may hold anything."""
    digest = sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
    event_id = identity(0, SOURCE, user_id, digest)
    found = error.errors(include_input=False, include_url=False)
    names = dict.fromkeys(".".join(map(str, problem["loc"])) or "item" for problem in found)
    row = {"user_id": user_id, "sha256": digest}
    fault = Fault("invalid_field", ", ".join(names))
    return Line(Draft(TOPIC, SOURCE, event_id, user_id, row, []).refuse([fault]), event_id)
