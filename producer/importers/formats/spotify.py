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

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.country import parse_country
from producer.importers.device import parse_device
from producer.importers.fields import moment
from producer.importers.format import Format
from producer.importers.history import History
from producer.importers.json_rows import json_array
from producer.importers.listen import Listen, Spoken
from producer.importers.reading import Reading, Unreadable
from producer.importers.timestamp import DAY_MS, EARLIEST_MS

SOURCE = "import.spotify"

# Between 2015 and 2022 Spotify wrote `skipped: false` whatever happened; how a play ended tells.
_SKIP_ENDS = frozenset({"backbtn", "fwdbtn", "endplay", "unknown"})
_LONGEST_PAUSE_MS = DAY_MS // 2
_MAX_ID = 200
_CONTENT = {"master_metadata_track_name", "spotify_track_uri", "spotify_episode_uri", "audiobook_uri"}


class Row(msgspec.Struct, gc=False):
    """The fields that are read, and no other; `wrong` names those whose type is not theirs."""

    ts: str | None = None
    ms_played: int | None = None
    platform: str | None = None
    conn_country: str | None = None
    master_metadata_track_name: str | None = None
    master_metadata_album_artist_name: str | None = None
    master_metadata_album_album_name: str | None = None
    spotify_track_uri: str | None = None
    episode_name: str | None = None
    episode_show_name: str | None = None
    spotify_episode_uri: str | None = None
    audiobook_title: str | None = None
    audiobook_uri: str | None = None
    audiobook_chapter_uri: str | None = None
    audiobook_chapter_title: str | None = None
    reason_start: str | None = None
    reason_end: str | None = None
    skipped: bool | None = None
    offline_timestamp: int | None = None
    wrong: tuple[str, ...] = msgspec.field(default=(), name="(wrong)")

    @property
    def is_book(self) -> bool:
        """Whether it is a chapter of an audiobook."""
        return bool(self.audiobook_title or self.audiobook_uri or self.audiobook_chapter_uri)

    @property
    def is_spoken(self) -> bool:
        """Whether it is an episode or a chapter."""
        if self.master_metadata_track_name or self.spotify_track_uri:
            return bool(self.audiobook_title or self.audiobook_uri)
        named = self.spotify_episode_uri or self.episode_name or self.is_book
        return bool(named) or "spotify_episode_uri" in self.wrong


_decode = msgspec.json.Decoder(list[Row]).decode
_TYPES = {field.name: field.type for field in msgspec.structs.fields(Row) if field.name != "wrong"}
# A field whose value is of no use is as good as none, but for these: without them the row says too little,
# or something else than it seems to.
_NEEDED = {
    "ts": "bad_timestamp",
    "ms_played": "bad_ms_played",
    **dict.fromkeys(("skipped", "reason_start", "reason_end", "spotify_track_uri"), "invalid_field"),
}


def row_of(values: Mapping[str, object]) -> Row:
    """The row with these values, whatever their types."""
    found: dict[str, Any] = {}
    wrong = []
    for name, kind in _TYPES.items():
        try:
            found[name] = msgspec.convert(values.get(name), kind)
        except msgspec.ValidationError:
            wrong.append(name)
    return Row(**found, wrong=tuple(wrong))


def _read(reading: Reading) -> Iterator[Row | Unreadable]:
    for row in json_array(reading, _decode):
        yield row_of(row) if type(row) is dict else row


def _told(row: Row, faults: list[Fault], _context: Context) -> Listen | Spoken:
    if row.wrong:
        faults += [Fault(_NEEDED[name], name) for name in row.wrong if name in _NEEDED]
    ended = None if "ts" in row.wrong else moment(row.ts, faults)
    if row.ms_played is None and "ms_played" not in row.wrong:
        faults.append(Fault("missing_ms_played", "ms_played"))
    return _spoken(row, ended, faults) if row.is_spoken else _listen(row, ended, faults)


def _listen(row: Row, ended: int | None, faults: list[Fault]) -> Listen:
    title, uri, played, end = (
        row.master_metadata_track_name,
        row.spotify_track_uri,
        row.ms_played,
        row.reason_end,
    )
    if not uri and not title and "spotify_track_uri" not in row.wrong:
        faults.append(Fault("no_content", "neither track nor episode"))
    return Listen(
        at=row.ts,
        started=_started(row.offline_timestamp, ended, played),
        ended=ended,
        artist=row.master_metadata_album_artist_name,
        title=title,
        album=row.master_metadata_album_album_name or None,
        track_id=uri if uri and len(uri) <= _MAX_ID else None,
        ms_played=played,
        skipped=_skipped(row.skipped, end),
        reason_start=row.reason_start or None,
        reason_end=end or None,
        country=parse_country(row.conn_country or ""),
        device=parse_device(row.platform or ""),
        # Flags and platform are left out: Spotify has changed how it writes them from one export to the next.
        facts=(uri, played, row.reason_start, end),
    )


def _spoken(row: Row, ended: int | None, faults: list[Fault]) -> Spoken:
    is_book = row.is_book
    show = (row.audiobook_title if is_book else row.episode_show_name) or None
    title = (row.audiobook_chapter_title if is_book else row.episode_name) or None
    uri = (row.audiobook_chapter_uri if is_book else row.spotify_episode_uri) or None
    if not (uri or title or is_book):
        faults.append(Fault("no_content", "neither track nor episode"))
    return Spoken(
        at=row.ts,
        ended=ended,
        ms_played=row.ms_played,
        show=show,
        title=title,
        episode_id=uri,
        podcast_id=row.audiobook_uri or None,
        finished=row.reason_end == "trackdone",
        country=parse_country(row.conn_country or ""),
        device=parse_device(row.platform or ""),
        facts=(row.audiobook_uri, row.reason_start, row.reason_end),
    )


def _started(clock: int | None, ended: int | None, played: int | None) -> int | None:
    """When playing began, by the client's own clock; None where that cannot be."""
    if not clock or ended is None or played is None:
        return None
    clock = clock if clock > EARLIEST_MS // 10 else clock * 1000
    latest = ended - played
    # Either clock is cut to seconds: up to one more may lie between them.
    return min(clock, latest) if latest - _LONGEST_PAUSE_MS <= clock <= latest + 1000 else None


def _skipped(flag: bool | None, end: str | None) -> bool | None:
    """Whether the listener cut it short; None where neither flag nor reason tells."""
    if flag or (flag is False and not end):
        return flag
    return end in _SKIP_ENDS if end else None


FORMAT = Format(
    kind="spotify_history",
    title="Spotify extended streaming history (music, video, podcasts, audiobooks)",
    usually="Streaming_History_Audio_*.json, Streaming_History_Video_*.json, endsong_*.json",
    fits=lambda head: head.first == "[" and "ts" in head.keys and bool(head.keys & _CONTENT),
    read=_read,
    convert=History(SOURCE, _told),
)
