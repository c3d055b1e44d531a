"""Spotify's extended streaming history: one JSON array, of music, video, podcasts and audiobooks; the old
field set (`endsong_*.json`: `username`, decrypted IP) and the new.

`ts` is when playing STOPPED. It began at `offline_timestamp`, where that is a time that fits: its unit
changes between seconds and milliseconds over the years, and sometimes it is neither, or of another day; else
at `ts - ms_played`. What lies between the two beyond `ms_played` are pauses. Only the fields named here
leave the file: no IP address, user name, agent string, place or device model.

An audiobook is spoken word, and Spotify's own ids say so: its book is a show, its chapter an episode. Both
go where podcasts go.
"""

from __future__ import annotations

from collections.abc import Mapping

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.country import parse_country
from producer.importers.device import parse_device
from producer.importers.fields import moment, text
from producer.importers.format import Format
from producer.importers.history import History
from producer.importers.json_rows import json_array
from producer.importers.listen import Listen, Spoken
from producer.importers.timestamp import DAY_MS, EARLIEST_MS

SOURCE = "import.spotify"

# Between 2015 and 2022 Spotify wrote `skipped: false` whatever happened; how a play ended tells.
_SKIP_ENDS = frozenset({"backbtn", "fwdbtn", "endplay", "unknown"})
_LONGEST_PAUSE_MS = DAY_MS // 2
_MAX_ID = 200

_TITLE = "master_metadata_track_name"
_ARTIST = "master_metadata_album_artist_name"
_ALBUM = "master_metadata_album_album_name"
_BOOK = ("audiobook_uri", "audiobook_chapter_uri", "audiobook_title")
_CONTENT = {_TITLE, "spotify_track_uri", "spotify_episode_uri", "audiobook_uri"}


def _told(row: Mapping[str, object], faults: list[Fault], _context: Context) -> Listen | Spoken:
    return _spoken(row, faults) if _is_spoken(row) else _listen(row, faults)


def _listen(row: Mapping[str, object], faults: list[Fault]) -> Listen:
    ended, played = moment(row.get("ts"), faults), _played(row, faults)
    title, artist = text(row, _TITLE), text(row, _ARTIST)
    uri = row.get("spotify_track_uri")
    if not uri and not title:
        faults.append(Fault("no_content", "neither track nor episode"))
    start, end = _word(row, "reason_start", faults), _word(row, "reason_end", faults)
    return Listen(
        at=row.get("ts"),
        started=_started(row, ended, played),
        ended=ended,
        artist=artist,
        title=title,
        album=text(row, _ALBUM),
        track_id=_track_id(uri, faults),
        ms_played=played,
        skipped=_skipped(row, end, faults),
        reason_start=start,
        reason_end=end,
        country=parse_country(text(row, "conn_country") or ""),
        device=parse_device(text(row, "platform") or ""),
        # Flags and platform are left out: Spotify has changed how it writes them from one export to the next.
        facts=(uri, played, start, end),
    )


def _spoken(row: Mapping[str, object], faults: list[Fault]) -> Spoken:
    is_book = any(row.get(name) for name in _BOOK)
    names = (
        ("audiobook_title", "audiobook_chapter_title") if is_book else ("episode_show_name", "episode_name")
    )
    show, title = (text(row, name) for name in names)
    uri, show_uri = text(row, _BOOK[1] if is_book else "spotify_episode_uri"), text(row, _BOOK[0])
    if not (uri or title or (is_book and (show or show_uri))):
        faults.append(Fault("no_content", "neither track nor episode"))
    start, end = _word(row, "reason_start", faults), _word(row, "reason_end", faults)
    return Spoken(
        at=text(row, "ts"),
        ended=moment(row.get("ts"), faults),
        ms_played=_played(row, faults),
        show=show,
        title=title,
        episode_id=uri,
        podcast_id=show_uri,
        finished=end == "trackdone",
        country=parse_country(text(row, "conn_country") or ""),
        device=parse_device(text(row, "platform") or ""),
        facts=(show_uri, start, end),
    )


def _is_spoken(row: Mapping[str, object]) -> bool:
    if row.get(_TITLE) or row.get("spotify_track_uri"):
        return bool(row.get("audiobook_title") or row.get("audiobook_uri"))
    return any(row.get(name) for name in ("spotify_episode_uri", "episode_name", *_BOOK))


def _started(row: Mapping[str, object], ended: int | None, played: int | None) -> int | None:
    """When playing began, by the client's own clock; None where that cannot be."""
    clock = row.get("offline_timestamp")
    if ended is None or played is None or type(clock) is not int:
        return None
    clock = clock if clock > EARLIEST_MS // 10 else clock * 1000
    latest = ended - played
    # Either clock is cut to seconds: up to one more may lie between them.
    return min(clock, latest) if latest - _LONGEST_PAUSE_MS <= clock <= latest + 1000 else None


def _played(row: Mapping[str, object], faults: list[Fault]) -> int | None:
    played = row.get("ms_played")
    if type(played) is int:
        return played
    faults.append(Fault("missing_ms_played" if played is None else "bad_ms_played", "ms_played"))
    return None


def _skipped(row: Mapping[str, object], end: str | None, faults: list[Fault]) -> bool | None:
    """Whether the listener cut it short; None where neither flag nor reason tells."""
    flag = row.get("skipped")
    if flag is not None and not isinstance(flag, bool):
        faults.append(Fault("invalid_field", "skipped"))
        return None
    if flag or (flag is False and not end):
        return flag
    return end in _SKIP_ENDS if end else None


def _word(row: Mapping[str, object], name: str, faults: list[Fault]) -> str | None:
    value = row.get(name)
    if value is None or isinstance(value, str):
        return value or None
    faults.append(Fault("invalid_field", name))
    return None


def _track_id(uri: object, faults: list[Fault]) -> str | None:
    if uri and not isinstance(uri, str):
        faults.append(Fault("invalid_field", "spotify_track_uri"))
    return uri if isinstance(uri, str) and 0 < len(uri) <= _MAX_ID else None


FORMAT = Format(
    kind="spotify_history",
    title="Spotify extended streaming history (music, video, podcasts, audiobooks)",
    usually="Streaming_History_Audio_*.json, Streaming_History_Video_*.json, endsong_*.json",
    fits=lambda head: head.first == "[" and "ts" in head.keys and bool(head.keys & _CONTENT),
    read=json_array,
    convert=History(SOURCE, _told),
)
