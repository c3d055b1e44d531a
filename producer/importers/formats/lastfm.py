"""Last.fm's scrobbles as its API gives them, saved by an exporter: pages of JSON, or CSV with `uts`.

A scrobble has the second in which it began and no length. The track that plays while the export is made has
no time: it is refused, and comes with the next export. A row of CSV and its twin of JSON are one event.
"""

from __future__ import annotations

from collections.abc import Mapping

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.fields import inner, mbid, seconds, text
from producer.importers.format import Format
from producer.importers.history import History
from producer.importers.json_rows import arrays_named
from producer.importers.listen import Listen
from producer.importers.text_rows import comma_separated

SOURCE = "import.lastfm"

_PAGES = {"track", "uts", "#text"}


def _of_page(row: Mapping[str, object], faults: list[Fault], _context: Context) -> Listen:
    artist, album, date = inner(row, "artist"), inner(row, "album"), inner(row, "date")
    if not date and inner(row, "@attr").get("nowplaying"):
        faults.append(Fault("now_playing", "date"))
        started = None
    else:
        started = seconds(date.get("uts"), faults)
    return Listen(
        at=date.get("uts"),
        started=started,
        artist=text(artist, "#text") or text(artist, "name"),
        title=text(row, "name"),
        album=text(album, "#text"),
        artist_id=mbid(artist.get("mbid")),
        track_id=mbid(row.get("mbid")),
    )


def _of_row(row: Mapping[str, object], faults: list[Fault], _context: Context) -> Listen:
    return Listen(
        at=row.get("uts"),
        started=seconds(row.get("uts"), faults),
        artist=text(row, "artist"),
        title=text(row, "track"),
        album=text(row, "album"),
        artist_id=mbid(row.get("artist_mbid")),
        track_id=mbid(row.get("track_mbid")),
    )


PAGES = Format(
    kind="lastfm_json",
    title="Last.fm scrobbles, pages of JSON (lastfm export of ghan.nl, or of the API)",
    usually="recenttracks-<user>-<time>.json",
    fits=lambda head: head.keys >= _PAGES and "lovedtracks" not in head.keys,
    read=arrays_named("track", alone=True),
    convert=History(SOURCE, _of_page),
)
TABLE = Format(
    kind="lastfm_csv",
    title="Last.fm scrobbles, CSV with a header (lastfm export of ghan.nl)",
    usually="recenttracks-<user>-<time>.csv",
    fits=lambda head: head.header >= {"uts", "artist", "track"},
    read=comma_separated,
    convert=History(SOURCE, _of_row),
)
