"""The Last.fm-1K listening log: user, time, artist MBID, artist, track MBID, track; tabs, no header.

A scrobble has one time (when it began, to the second) and no length. Several tracks of one user may carry the
same second, so a row's identity is all of it. The log is of many people: each row names its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from producer.importers.context import Context
from producer.importers.converted import Converted, Draft, Fault
from producer.importers.fields import mbid
from producer.importers.format import Format
from producer.importers.head import Head
from producer.importers.identity import identity
from producer.importers.listen import derived_id
from producer.importers.reading import Unreadable
from producer.importers.text_rows import tab_separated
from producer.importers.timestamp import epoch_ms, wire

TOPIC = "plays"
SOURCE = "import.lastfm"
COLUMNS = ("user_id", "timestamp", "artist_id", "artist_name", "track_id", "track_title")

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


def convert(rows: Iterable[list[str] | Unreadable], context: Context) -> Iterator[Converted]:
    """One `plays` event or refusal per row."""
    for columns in rows:
        if isinstance(columns, Unreadable):
            kept = {"number": columns.number, "sha256": columns.digest}
            number = identity(0, SOURCE, columns.digest)
            yield Draft(TOPIC, SOURCE, number, None, kept, []).refuse([columns.fault])
        else:
            yield _play(columns, context) if len(columns) == len(COLUMNS) else _misshapen(columns, context)


def _play(columns: list[str], context: Context) -> Converted:
    user, timestamp, artist_mbid, artist, track_mbid, title = columns
    faults: list[Fault] = []
    if not user.strip():
        faults.append(Fault("missing_user", "user_id"))
    moment = context.moment(timestamp, faults)
    if not artist.strip():
        faults.append(Fault("missing_artist_name", "artist_name"))
    if not title.strip():
        faults.append(Fault("missing_track_title", "track_title"))
    draft = _draft(columns, epoch_ms(moment), faults, context)
    if faults or moment is None:
        return draft.refuse(faults)
    return draft.event(
        {
            "occurred_at": wire(moment),
            "started_at": wire(moment),
            "play_id": draft.event_id,
            "track_id": mbid(track_mbid) or derived_id(SOURCE, "track", artist, title),
            "track_title": title,
            "artist_id": mbid(artist_mbid) or derived_id(SOURCE, "artist", artist),
            "artist_name": artist,
        }
    )


def _misshapen(columns: list[str], context: Context) -> Converted:
    reason = "too_few_columns" if len(columns) < len(COLUMNS) else "too_many_columns"
    faults = [Fault(reason, f"{len(columns)} instead of {len(COLUMNS)}")]
    return _draft(columns, 0, faults, context).refuse(faults)


def _draft(columns: list[str], at_ms: int, faults: list[Fault], context: Context) -> Draft:
    user_id = context.pseudonyms.of(SOURCE, columns[0]) if columns[0].strip() else None
    event_id = identity(at_ms, SOURCE, user_id, *columns[1:])
    if len(columns) == len(COLUMNS):
        row: dict[str, object] = dict(zip(COLUMNS[1:], columns[1:], strict=True))
    else:
        row = {"columns": columns[1:]}
    return Draft(TOPIC, SOURCE, event_id, user_id, {"user_id": user_id, **row}, faults)


def _fits(head: Head) -> bool:
    return any(len(line) == len(COLUMNS) and _TIME.fullmatch(line[1]) for line in head.columns)


FORMAT = Format(
    kind="lastfm_1k",
    title="Last.fm-1K listening log (tab-separated, of many people)",
    usually="userid-timestamp-artid-artname-traid-traname.tsv",
    fits=_fits,
    read=tab_separated,
    convert=convert,
)
