"""Spotify's account data (`StreamingHistory*.json`): the last year, with the minute in which playing stopped.

Within one minute the same track may be played for the same time twice (a restart after 0 ms): the second
such row of a minute is another listen, the same row of another file is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.fields import moment, text, whole
from producer.importers.format import Format
from producer.importers.history import History
from producer.importers.json_rows import json_array
from producer.importers.json_text import Record
from producer.importers.listen import Listen, Spoken
from producer.importers.reading import Reading, Unreadable

_EPISODE = ("episodeName", "chapterName", "chapterTitle")
_SHOW = ("podcastName", "audiobookName", "audiobookTitle")
_NTH = "nth of its minute"


def _numbered(reading: Reading) -> Iterator[Record]:
    """The rows, each with how many before it in its minute say the same."""
    minute: object = None
    earlier: Counter[str] = Counter()
    for row in json_array(reading):
        if not isinstance(row, Unreadable):
            if row.get("endTime") != minute:
                minute, earlier = row.get("endTime"), Counter()
            said = repr(row)
            row[_NTH] = earlier[said]
            earlier[said] += 1
        yield row


def _told(row: Mapping[str, object], faults: list[Fault], _context: Context) -> Listen | Spoken:
    at, ended, played = row.get("endTime"), moment(row.get("endTime"), faults), _played(row, faults)
    show, episode, nth = _first(row, _SHOW), _first(row, _EPISODE), row.get(_NTH)
    if show or episode:
        return Spoken(at=at, ended=ended, ms_played=played, show=show, title=episode, facts=(nth,))
    artist, title = text(row, "artistName"), text(row, "trackName")
    return Listen(at=at, ended=ended, artist=artist, title=title, ms_played=played, facts=(played, nth))


def _played(row: Mapping[str, object], faults: list[Fault]) -> int | None:
    played = whole(row.get("msPlayed"))
    if played is None:
        faults.append(Fault("bad_ms_played" if row.get("msPlayed") else "missing_ms_played", "msPlayed"))
    return played


def _first(row: Mapping[str, object], names: Iterable[str]) -> str | None:
    return next((found for name in names if (found := text(row, name))), None)


FORMAT = Format(
    kind="spotify_account",
    title="Spotify account data (music, podcasts, audiobooks; the last year)",
    usually="StreamingHistory0.json, StreamingHistory_music_0.json, StreamingHistory_podcast_0.json",
    fits=lambda head: head.first == "[" and {"endTime", "msPlayed"} <= head.keys,
    read=_numbered,
    convert=History("import.spotify_account", _told),
)
