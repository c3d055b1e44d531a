"""The Last.fm-1K listening log: user, time, artist MBID, artist, track MBID, track; tabs, no header.

A scrobble has one time (when it began, to the second) and no length. Several tracks of one user may carry the
same second, so a row's identity is all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256

from producer.importers.context import Context
from producer.importers.converted import Converted, Draft, Fault, identity
from producer.importers.timestamp import epoch_ms, wire

TOPIC = "plays"
SOURCE = "import.lastfm"
COLUMNS = ("user_id", "timestamp", "artist_id", "artist_name", "track_id", "track_title")

_MBID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


def convert(rows: Iterable[list[str]], context: Context) -> Iterator[Converted]:
    """One `plays` event or refusal per row."""
    for columns in rows:
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
            "play_id": str(draft.event_id),
            "track_id": _mbid(track_mbid) or _derived_id("track", artist, title),
            "track_title": title,
            "artist_id": _mbid(artist_mbid) or _derived_id("artist", artist),
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


def _mbid(text: str) -> str | None:
    """A MusicBrainz id in its one spelling, or None where the column is empty or holds something else."""
    mbid = text.strip().lower()
    return mbid if _MBID.fullmatch(mbid) else None


def _derived_id(what: str, *names: str) -> str:
    """The id that the same names always get, told from an MBID by its prefix."""
    return f"lastfm-{what}-{sha256(chr(0x1F).join(names).encode()).hexdigest()[:32]}"
