"""Maloja's export: `{"scrobbles": [...]}`, with several artists a track; before version 3, rows without
an inner track, in which `duration` is the track's.

`time` is when a scrobble began, `duration` how long it lasted, the track's `length` its own (all in seconds).
The first artist is the main one, as everywhere in Backbeat.
"""

from __future__ import annotations

from collections.abc import Mapping

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.fields import count, inner, seconds, text
from producer.importers.format import Format
from producer.importers.history import History
from producer.importers.json_rows import arrays_named
from producer.importers.listen import Listen


def _listen(row: Mapping[str, object], faults: list[Fault], _context: Context) -> Listen:
    track = inner(row, "track")
    if not track:
        track, row = row, {"time": row.get("time")}
    album = inner(track, "album")
    return Listen(
        at=row.get("time"),
        started=seconds(row.get("time"), faults),
        artist=_first(track.get("artists")),
        title=text(track, "title"),
        album=text(album, "albumtitle") or text(album, "name") or text(track, "album"),
        ms_played=count(row.get("duration"), faults, "ms_played", 1000),
        duration_ms=count(track.get("length", track.get("duration")), faults, "duration", 1000),
    )


def _first(artists: object) -> str | None:
    names = artists if isinstance(artists, list) else [artists]
    return next((name for name in names if isinstance(name, str) and name.strip()), None)


FORMAT = Format(
    kind="maloja",
    title="Maloja export",
    usually="maloja_export_<time>.json",
    fits=lambda head: head.first == "{" and head.keys >= {"scrobbles", "time", "artists"},
    read=arrays_named("scrobbles"),
    convert=History("import.maloja", _listen),
)
