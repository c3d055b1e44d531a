"""Spotify's extended streaming history: one JSON array, old field set (`username`, decrypted IP) and new.

`ts` is when playing STOPPED. When it began is taken as `ts - ms_played`: `offline_timestamp` would know the
pauses too, but its unit changes between seconds and milliseconds over the years, and it is sometimes neither.
Only the fields named here leave the file: no IP address, user name, agent string, place or device model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from hashlib import sha256

from producer.importers.context import Context
from producer.importers.converted import Accepted, Converted, Draft, Episode, Fault, identity
from producer.importers.country import parse_country
from producer.importers.device import parse_device
from producer.importers.rows import Record, Unreadable
from producer.importers.timestamp import epoch_ms, wire

SOURCE = "import.spotify"
DEFAULT_USER = "me"

# Between 2015 and 2022 Spotify wrote `skipped: false` whatever happened; how a play ended tells.
_SKIP_ENDS = frozenset({"backbtn", "fwdbtn", "endplay", "unknown"})
_DAY_MS = 24 * 60 * 60 * 1000
_MAX_ID = 200

_TITLE = "master_metadata_track_name"
_ARTIST = "master_metadata_album_artist_name"
_ALBUM = "master_metadata_album_album_name"
_AUDIOBOOK = ("audiobook_uri", "audiobook_chapter_uri", "audiobook_title")
_FLAGS = ("shuffle", "skipped", "offline", "offline_timestamp", "incognito_mode")
_IDENTITY = (_TITLE, _ARTIST, "spotify_track_uri", "episode_name", "spotify_episode_uri", *_AUDIOBOOK)
_KEPT = (
    *("ts", "ms_played", "conn_country", _TITLE, _ARTIST, _ALBUM, "spotify_track_uri", "episode_name"),
    *("episode_show_name", "spotify_episode_uri", *_AUDIOBOOK, "audiobook_chapter_title"),
    *("reason_start", "reason_end", *_FLAGS),
)


def convert(rows: Iterable[Record], context: Context) -> Iterator[Converted]:
    """One `plays` or `podcast_events` event or refusal per row."""
    for row in rows:
        yield _unreadable(row, context) if isinstance(row, Unreadable) else _converted(row, context)


def _converted(row: dict[str, object], context: Context) -> Converted:
    is_episode = _is_episode(row)
    faults: list[Fault] = []
    moment = context.moment(row.get("ts"), faults, "timestamp")
    faults += _length_faults(row.get("ms_played"))
    faults += _content_faults(row, is_episode=is_episode)
    draft = _draft(row, "podcast_events" if is_episode else "plays", epoch_ms(moment), faults, context)
    ms_played = row.get("ms_played")
    if faults or moment is None or not isinstance(ms_played, int):
        return draft.refuse(faults)
    shared: dict[str, object] = {
        "occurred_at": wire(moment),
        "country": parse_country(str(row.get("conn_country") or "")),
        "device": parse_device(str(row.get("platform") or "")),
    }
    if is_episode:
        return _podcast_event(row, draft, shared)
    shared["started_at"] = wire(moment - timedelta(milliseconds=ms_played))
    return draft.event(shared | _play(row, draft))


def _play(row: Mapping[str, object], draft: Draft) -> dict[str, object]:
    return {
        "play_id": str(draft.event_id),
        "track_id": _track_id(row),
        "track_title": row[_TITLE],
        "artist_name": row[_ARTIST],
        "album_title": row.get(_ALBUM) or None,
        "ms_played": row["ms_played"],
        "skipped": _skipped(row),
        "reason_start": row.get("reason_start") or None,
        "reason_end": row.get("reason_end") or None,
    }


def _podcast_event(row: Mapping[str, object], draft: Draft, shared: dict[str, object]) -> Converted:
    episode = _episode(row)
    fields = {
        "episode_id": episode.episode_id,
        "podcast_id": episode.podcast_id,
        "action": "complete" if row.get("reason_end") == "trackdone" else "play",
        "position_ms": row["ms_played"],
    }
    event = draft.event(shared | fields)
    if isinstance(event, Accepted):
        return Accepted(event.topic, event.key, event.value, event.event_id, event.source, episode)
    return event


def _episode(row: Mapping[str, object]) -> Episode:
    show, title = _text(row, "episode_show_name"), _text(row, "episode_name")
    episode_id = _text(row, "spotify_episode_uri") or _derived_id("episode", show, title)
    podcast_id = _derived_id("show", show) if show else None
    return Episode(episode_id, podcast_id, show, title, None, None, SOURCE)


def _is_episode(row: Mapping[str, object]) -> bool:
    if row.get("spotify_track_uri") or row.get(_TITLE) or any(row.get(name) for name in _AUDIOBOOK):
        return False
    return bool(row.get("spotify_episode_uri") or row.get("episode_name"))


def _length_faults(ms_played: object) -> list[Fault]:
    if ms_played is None:
        return [Fault("missing_ms_played", "ms_played")]
    if isinstance(ms_played, bool) or not isinstance(ms_played, int):
        return [Fault("bad_ms_played", "ms_played")]
    if ms_played < 0:
        return [Fault("negative_ms_played", "ms_played")]
    return [Fault("implausible_ms_played", "ms_played")] if ms_played > _DAY_MS else []


def _content_faults(row: Mapping[str, object], *, is_episode: bool) -> list[Fault]:
    if is_episode:
        named = _text(row, "spotify_episode_uri") or _text(row, "episode_name")
        return [] if named else [Fault("no_content", "neither track nor episode")]
    if any(row.get(name) for name in _AUDIOBOOK):
        return [Fault("audiobook_not_supported", "audiobook_uri")]
    if not (row.get("spotify_track_uri") or _text(row, _TITLE)):
        return [Fault("no_content", "neither track nor episode")]
    faults = [] if _text(row, _ARTIST) else [Fault("missing_artist_name", _ARTIST)]
    return faults if _text(row, _TITLE) else [*faults, Fault("missing_track_title", _TITLE)]


def _skipped(row: Mapping[str, object]) -> object:
    """Whether the listener cut it short; None where neither flag nor reason tells."""
    flag, end = row.get("skipped"), row.get("reason_end")
    if flag or (flag is False and not end):
        return flag
    return end in _SKIP_ENDS if isinstance(end, str) and end else None


def _draft(row: Mapping[str, object], topic: str, at_ms: int, faults: list[Fault], context: Context) -> Draft:
    user_id = _user_id(row, context)
    # Flags and platform are left out: Spotify has changed how it writes them from one export to the next.
    facts = [row.get(name) or None for name in _IDENTITY]
    ends = [row.get("reason_start") or None, row.get("reason_end") or None]
    event_id = identity(at_ms, SOURCE, user_id, *facts, row.get("ms_played"), *ends)
    kept = {name: row[name] for name in _KEPT if name in row}
    kept["platform"] = parse_device(str(row.get("platform") or ""))
    return Draft(topic, SOURCE, event_id, user_id, {"user_id": user_id, **kept}, faults)


def _unreadable(row: Unreadable, context: Context) -> Converted:
    user_id = _user_id({}, context)
    kept = {"number": row.number, "sha256": row.digest}
    return Draft("plays", SOURCE, identity(0, SOURCE, row.digest), user_id, kept, []).refuse([row.fault])


def _user_id(row: Mapping[str, object], context: Context) -> str:
    user = context.user or _text(row, "username") or DEFAULT_USER
    return context.pseudonyms.of(SOURCE, user)


def _track_id(row: Mapping[str, object]) -> object:
    uri = row.get("spotify_track_uri")
    if isinstance(uri, str) and uri and len(uri) <= _MAX_ID:
        return uri
    return uri if uri and not isinstance(uri, str) else _derived_id("track", row[_ARTIST], row[_TITLE])


def _derived_id(what: str, *names: object) -> str:
    return f"spotify-{what}-{sha256(json.dumps(names).encode()).hexdigest()[:32]}"


def _text(row: Mapping[str, object], name: str) -> str | None:
    value = row.get(name)
    return value if isinstance(value, str) and value.strip() else None
