"""What was played, as Spotify lists it → `plays` events.

`played_at` is taken as the moment playing ENDED, which it is but for some plays of devices that were offline.
Spotify does not say how long somebody listened. It cannot have been longer than the track, nor than the time
since the play before it ended: the less of both is `ms_played`, and it began that much before it ended.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from pydantic import ValidationError

from producer.importers.context import Context
from producer.importers.converted import Converted, Draft, Fault, identity
from producer.importers.timestamp import epoch_ms, parse_timestamp, wire
from producer.pollers.answers import Played

SOURCE = "poll.spotify"
TOPIC = "plays"
_MAX_ID = 200


class Line(NamedTuple):
    """One line of the recently played: what becomes of it, its event id, and when it ended (epoch ms; None
    where that cannot be told)."""

    outcome: Converted
    event_id: str
    ended_ms: int | None


def converted(
    items: Iterable[object], user_id: str, context: Context, newest_ms: int | None
) -> Iterator[Line]:
    """One line per item, in order of time; `newest_ms` is when the newest play published so far ended."""
    before_ms: int | None = None
    for item in sorted(items, key=_ended_ms):
        line = _line(item, user_id, context, _earlier(before_ms, newest_ms, _ended_ms(item)))
        before_ms = before_ms if line.ended_ms is None else line.ended_ms
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


def _line(item: object, user_id: str, context: Context, before_ms: int | None) -> Line:
    try:
        played = Played.model_validate(item)
    except ValidationError as error:
        return _unreadable(item, user_id, error)
    faults: list[Fault] = []
    moment = context.moment(played.played_at, faults, "played_at")
    uri = track_id(played.track.uri)
    ended_ms = epoch_ms(moment)
    event_id = identity(ended_ms, SOURCE, user_id, uri, ended_ms)
    row = {"user_id": user_id, "played_at": played.played_at, "track_id": uri}
    draft = Draft(TOPIC, SOURCE, event_id, user_id, row, faults)
    if faults or moment is None:
        return Line(draft.refuse(faults), str(event_id), None)
    length = played.track.duration_ms
    heard = length if before_ms is None else min(length, ended_ms - before_ms)
    times = {"occurred_at": wire(moment), "started_at": wire(moment - timedelta(milliseconds=heard))}
    fields = {"play_id": str(event_id), "track_id": uri, "ms_played": heard, **times, **_described(played)}
    return Line(draft.event(fields), str(event_id), ended_ms)


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
    return Line(Draft(TOPIC, SOURCE, event_id, user_id, row, []).refuse([fault]), str(event_id), None)
