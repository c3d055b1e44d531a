"""Apple Music's Play Activity (CSV), with start and end of each play, and what helps it: who the artist is.

Most vintages of the file have no artist. It is looked up by song in "Play History Daily Tracks.csv" and
"Library Tracks.json" where those lie beside it or in the same archive; a song that they give to several
artists is given to the album's, else to none. Rows that are no end of a play (lyrics shown, play started)
are refused as such. Addresses, places, devices' names and ids stay in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.country import parse_country
from producer.importers.device import parse_device
from producer.importers.fields import count, moment, text
from producer.importers.format import Format
from producer.importers.history import History
from producer.importers.json_rows import json_array
from producer.importers.json_text import Record
from producer.importers.listen import Listen
from producer.importers.text_rows import comma_separated

SOURCE = "import.apple_music"

_SKIPS = ("TRACK_SKIPPED", "SKIP_", "MANUALLY_SELECTED_PLAYBACK_OF_A_DIFF_ITEM")
_AMBIGUOUS = ""


def _listen(row: Mapping[str, object], faults: list[Fault], context: Context) -> Listen:
    if (text(row, "event type") or "PLAY_END") != "PLAY_END":
        faults.append(Fault("no_play_end", "Event Type"))
    title = text(row, "song name") or text(row, "content name")
    reason = text(row, "end reason type")
    started, ended = (_moment(row, name) for name in ("event start timestamp", "event end timestamp"))
    if started is None and ended is None:
        moment(row.get("event end timestamp"), faults)
    played = count(row.get("play duration milliseconds"), faults, "ms_played")
    if title is None:
        faults.append(Fault("no_content", "no song"))
    if started is not None and ended is not None and played is not None:
        # The clock that began may not be the one that ended: the time listened is what was measured.
        started = min(started, ended - max(0, played))
    return Listen(
        at=row.get("event end timestamp") or row.get("event start timestamp"),
        started=started,
        ended=ended,
        artist=_artist(row, title, context),
        title=title,
        album=text(row, "album name") or text(row, "container album name"),
        ms_played=played,
        duration_ms=_length(row),
        skipped=None if reason is None else reason.startswith(_SKIPS),
        reason_end=reason,
        country=parse_country(text(row, "ip country code") or ""),
        device=_device(row),
        facts=(played, reason),
    )


def _moment(row: Mapping[str, object], name: str) -> int | None:
    return moment(row.get(name), [], name)


def _length(row: Mapping[str, object]) -> int | None:
    length = count(row.get("media duration in milliseconds"), [], "duration")
    return length if length and length > 0 else None


def _artist(row: Mapping[str, object], title: str | None, context: Context) -> str | None:
    return (
        text(row, "artist name")
        or context.artists.get(_song(title or ""))
        or text(row, "container artist name")
    )


def _device(row: Mapping[str, object]) -> str | None:
    kind, system = text(row, "device type") or "", text(row, "device os name") or ""
    return parse_device({"MACINTOSH": "macos"}.get(kind, f"{kind} {system}"))


def _song(title: str) -> str:
    return title.strip().casefold()


def daily_artists(rows: Iterable[Record]) -> dict[str, str]:
    """Song → artist, of "<artist> - <song>"."""
    found: dict[str, str] = {}
    for row in rows:
        description = text(row, "track description") if isinstance(row, dict) else None
        artist, dash, title = (description or "").partition(" - ")
        if dash:
            note_artist(found, title, artist)
    return found


def library_artists(rows: Iterable[Record]) -> dict[str, str]:
    """Song → artist, of the library's tracks."""
    found: dict[str, str] = {}
    for row in rows:
        if isinstance(row, dict) and (title := text(row, "Title")) and (artist := text(row, "Artist")):
            note_artist(found, title, artist)
    return found


def note_artist(found: dict[str, str], title: str, artist: str) -> None:
    """Note whose song it is; a song of two artists is nobody's."""
    song = _song(title)
    known = found.setdefault(song, artist.strip())
    if known.casefold() != artist.strip().casefold():
        found[song] = _AMBIGUOUS


CONVERT = History(SOURCE, _listen)
ACTIVITY = Format(
    kind="apple_music",
    title="Apple Music Play Activity",
    usually="Apple Music Play Activity.csv, Apple_Media_Services.zip",
    fits=lambda head: (
        head.header >= {"event type", "play duration milliseconds"}
        and bool(head.header & {"event start timestamp", "event end timestamp"})
    ),
    read=comma_separated,
    convert=CONVERT,
)
DAILY = Format(
    kind="apple_daily_tracks",
    title="Apple Music Play History Daily Tracks (only to find artists)",
    usually="Apple Music - Play History Daily Tracks.csv",
    fits=lambda head: head.header >= {"track description", "date played"},
    read=comma_separated,
    convert=CONVERT,
    refers=daily_artists,
)
LIBRARY = Format(
    kind="apple_library",
    title="Apple Music Library Tracks (only to find artists)",
    usually="Apple Music Library Tracks.json",
    fits=lambda head: head.first == "[" and head.keys >= {"Title", "Artist", "Track Identifier"},
    read=json_array,
    convert=CONVERT,
    refers=library_artists,
)
