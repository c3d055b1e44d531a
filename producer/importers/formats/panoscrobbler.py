"""PanoScrobbler's export: an object a line, `timeMs` the start. Which player it was stays in the file."""

from __future__ import annotations

from collections.abc import Mapping

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.fields import count, milliseconds, text
from producer.importers.format import Format
from producer.importers.history import History
from producer.importers.json_rows import json_lines
from producer.importers.listen import Listen


def _listen(row: Mapping[str, object], faults: list[Fault], _context: Context) -> Listen:
    event = text(row, "event")
    if event and event != "scrobble":
        faults.append(Fault("no_listen", "event"))
    duration = count(row.get("durationMs"), faults, "duration")
    return Listen(
        at=row.get("timeMs"),
        started=milliseconds(row.get("timeMs"), faults),
        artist=text(row, "artist") or text(row, "albumArtist"),
        title=text(row, "track"),
        album=text(row, "album"),
        duration_ms=duration if duration and duration > 0 else None,
    )


FORMAT = Format(
    kind="panoscrobbler",
    title="PanoScrobbler export",
    usually="pano_scrobbler_<time>.jsonl",
    fits=lambda head: head.first == "{" and head.keys >= {"timeMs", "track", "artist"},
    read=json_lines,
    convert=History("import.panoscrobbler", _listen),
)
