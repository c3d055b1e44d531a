"""From what a row says of one listen to its event: the way every history goes.

    CONVERT = History("import.maloja", _listen)       # _listen(row, faults, context) -> Listen | Spoken
    events = CONVERT(rows, context)

`ms_played` is never derived: null says that the source does not know. Spoken word becomes a step in an
episode, with the time listened as its position, and enters the catalogue of episodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from producer.importers.context import Context
from producer.importers.converted import MAX_VALUE_BYTES, Accepted, Converted, Draft, Episode, Fault
from producer.importers.identity import event_identity
from producer.importers.listen import Listen, Spoken, complete, derived_id, judge, judge_time
from producer.importers.reading import Unreadable
from producer.importers.timestamp import wire_ms

_PLAYS = "plays"
_EPISODES = "podcast_events"

Told = Callable[[Any, list[Fault], Context], Listen | Spoken]


class _Play(msgspec.Struct, omit_defaults=True, gc=False):
    """The contract's `plays`, as far as histories fill it."""

    event_id: str
    schema_version: int
    user_id: str
    source: str
    occurred_at: str
    started_at: str
    play_id: str
    track_id: str
    track_title: str
    artist_name: str
    country: str | None = None
    device: str | None = None
    artist_id: str | None = None
    album_title: str | None = None
    isrc: str | None = None
    ms_played: int | None = None
    duration_ms: int | None = None
    skipped: bool | None = None
    reason_start: str | None = None
    reason_end: str | None = None


_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class History:
    """Turns the rows of one source into events: one event or refusal each."""

    source: str
    told: Told

    def __call__(self, rows: Iterable[Any], context: Context) -> Iterator[Converted]:
        told, user_id = self.told, context.listener
        key = user_id.encode()
        for row in rows:
            if type(row) is Unreadable:
                yield self._unreadable(row, user_id)
                continue
            faults: list[Fault] = []
            listen = told(row, faults, context)
            if isinstance(listen, Listen):
                yield self._play(listen, faults, context, key)
            else:
                yield self._step(listen, faults, context)

    def _play(self, listen: Listen, faults: list[Fault], context: Context, key: bytes) -> Converted:
        given = listen.started if listen.ended is None else listen.ended
        complete(listen)
        judge(listen, faults, context.latest_ms)
        user_id, title, artist = context.listener, listen.title, listen.artist
        event_id, same = event_identity(given or 0, self.source, user_id, artist, title, *listen.facts)
        if faults or listen.started is None or listen.ended is None or not (artist and title):
            return self._refused(event_id, listen, faults, user_id)
        play = _Play(
            event_id,
            1,
            user_id,
            self.source,
            wire_ms(listen.ended),
            wire_ms(listen.started),
            event_id,
            listen.track_id or derived_id(self.source, "track", artist, title),
            title,
            artist,
            listen.country,
            listen.device,
            listen.artist_id or derived_id(self.source, "artist", artist),
            listen.album,
            listen.isrc,
            listen.ms_played,
            listen.duration_ms,
            listen.skipped,
            listen.reason_start,
            listen.reason_end,
        )
        try:
            value = _encode(play)
        except UnicodeEncodeError:  # half a surrogate pair has no UTF-8
            return self._refused(event_id, listen, [Fault("invalid_field", "text")], user_id)
        if len(value) > MAX_VALUE_BYTES:
            return self._refused(event_id, listen, [Fault("row_too_large", f"{len(value)} bytes")], user_id)
        return Accepted(_PLAYS, key, value, same, self.source)

    def _step(self, spoken: Spoken, faults: list[Fault], context: Context) -> Converted:
        judge_time(spoken.ended, spoken.ms_played, faults, context.latest_ms)
        user_id, show, title = context.listener, spoken.show, spoken.title
        facts = (self.source, user_id, spoken.episode_id, show, title, spoken.ms_played, *spoken.facts)
        event_id, _ = event_identity(spoken.ended or 0, *facts)
        kept = {"user_id": user_id, "at": _short(spoken.at), "show": show, "title": title}
        draft = Draft(_EPISODES, self.source, event_id, user_id, kept, faults)
        if faults or spoken.ended is None:
            return draft.refuse(faults)
        episode_id = spoken.episode_id or derived_id(self.source, "episode", show or "", title or "")
        podcast_id = spoken.podcast_id or (derived_id(self.source, "show", show) if show else None)
        event = draft.event(
            {
                "occurred_at": wire_ms(spoken.ended),
                "country": spoken.country,
                "device": spoken.device,
                "episode_id": episode_id,
                "podcast_id": podcast_id,
                "action": "complete" if spoken.finished else "play",
                "position_ms": spoken.ms_played,
            }
        )
        episode = Episode(episode_id, podcast_id, show, title, None, None, self.source)
        return event._replace(episode=episode) if isinstance(event, Accepted) else event

    def _refused(self, event_id: str, listen: Listen, faults: list[Fault], user_id: str) -> Converted:
        kept = {
            "user_id": user_id,
            "at": _short(listen.at),
            "artist": listen.artist,
            "title": listen.title,
            "album": listen.album,
            "ms_played": listen.ms_played,
        }
        return Draft(_PLAYS, self.source, event_id, user_id, kept, faults).refuse(faults)

    def _unreadable(self, row: Unreadable, user_id: str) -> Converted:
        kept = {"number": row.number, "sha256": row.digest}
        event_id, _ = event_identity(0, self.source, user_id, row.digest)
        return Draft(_PLAYS, self.source, event_id, user_id, kept, []).refuse([row.fault])


def _short(value: object) -> object:
    return value if value is None or isinstance(value, int) else str(value)[:100]
