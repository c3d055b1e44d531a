"""ListenBrainz: an object a line (its export, a zip of `listens/<year>/<month>.jsonl`), an array, or pages of
its API.

`listened_at` is when a listen began. It lasted `duration_played` where the client told; the recording's MBID
is ListenBrainz' own mapping, else the client's. Who listened and with which program stays in the file.
"""

from __future__ import annotations

from collections.abc import Mapping

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.fields import count, inner, isrc, mbid, seconds, text
from producer.importers.format import Format
from producer.importers.head import Head
from producer.importers.history import History
from producer.importers.json_rows import arrays_named, json_array, json_lines
from producer.importers.listen import Listen

SOURCE = "import.listenbrainz"

_FIELDS = {"listened_at", "track_metadata"}
# Of what is being played nothing is known yet.
_PLAYING = '"playing_now"'


def _listen(row: Mapping[str, object], faults: list[Fault], _context: Context) -> Listen:
    track = inner(row, "track_metadata")
    info, mapping = inner(track, "additional_info"), inner(track, "mbid_mapping")
    duration = count(info.get("duration_ms"), faults, "duration")
    if duration is None:
        duration = count(info.get("duration"), faults, "duration", 1000)
    return Listen(
        at=row.get("listened_at"),
        started=seconds(row.get("listened_at"), faults),
        artist=text(track, "artist_name"),
        title=text(track, "track_name"),
        album=text(track, "release_name"),
        track_id=mbid(mapping.get("recording_mbid")) or mbid(info.get("recording_mbid")),
        artist_id=_first_mbid(mapping) or _first_mbid(info),
        isrc=isrc(info.get("isrc")),
        ms_played=count(info.get("duration_played"), faults, "ms_played", 1000),
        duration_ms=duration or None,
    )


def _first_mbid(described: Mapping[str, object]) -> str | None:
    ids = described.get("artist_mbids")
    return mbid(ids[0]) if isinstance(ids, list) and ids else None


def _is_page(head: Head) -> bool:
    return head.first == "{" and bool(head.keys & {"payload", "listens"})


def _holds_listens(head: Head) -> bool:
    return head.keys >= _FIELDS and _PLAYING not in head.text


CONVERT = History(SOURCE, _listen)
PAGES = Format(
    kind="listenbrainz_json",
    title="ListenBrainz listens, pages of the API",
    usually="listens.json",
    fits=lambda head: _holds_listens(head) and _is_page(head),
    read=arrays_named("payload", "listens"),
    convert=CONVERT,
)
ARRAY = Format(
    kind="listenbrainz_array",
    title="ListenBrainz listens, one array",
    usually="<user>_lb-<date>.json",
    fits=lambda head: _holds_listens(head) and head.first == "[",
    read=json_array,
    convert=CONVERT,
)
LINES = Format(
    kind="listenbrainz",
    title="ListenBrainz export",
    usually="listenbrainz_<user>_<time>.zip, listens/<year>/<month>.jsonl",
    fits=lambda head: _holds_listens(head) and head.first == "{" and not _is_page(head),
    read=json_lines,
    convert=CONVERT,
)
