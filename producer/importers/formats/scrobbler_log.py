"""`.scrobbler.log` of Rockbox and other players: tab-separated, with a header that tells the clock's zone.

    artist  album  title  number  length (s)  rating  time (s since 1970)  recording's MBID

`L` was listened to (half of it at least), `S` was skipped: such a play counts no time listened. With
`#TZ/UNKNOWN` the player wrote its own clock as if it were UTC; whose zone that was, `--timezone` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.fields import count, mbid, seconds
from producer.importers.format import Format
from producer.importers.history import History
from producer.importers.listen import Listen
from producer.importers.reading import Reading, Unreadable, unreadable
from producer.importers.text_rows import tab_separated
from producer.importers.timestamp import epoch_ms

_FEWEST = 7
_RATINGS = {"L": False, "S": True}
_NO_NAME = "<Untagged>"

# A row of the log, and whether its clock was set to UTC.
Entry = tuple[Sequence[str], bool]


def _read(reading: Reading) -> Iterator[Entry | Unreadable]:
    utc = True
    for number, row in enumerate(tab_separated(reading), 1):
        if isinstance(row, Unreadable):
            yield row
        elif row[0].startswith("#"):
            if row[0].upper().startswith("#TZ/"):
                utc = row[0].strip().upper() == "#TZ/UTC"
        elif len(row) < _FEWEST:
            detail = f"{len(row)} instead of {_FEWEST} in line {number}"
            yield unreadable(number, "\t".join(row).encode(), "too_few_columns", detail)
        else:
            yield row, utc


def _listen(entry: Entry, faults: list[Fault], context: Context) -> Listen:
    row, utc = entry
    artist, album, title, _number, length, rating, at, *rest = row
    skipped = _RATINGS.get(rating.strip().upper())
    if skipped is None:
        faults.append(Fault("bad_rating", "rating"))
    clock = seconds(at, faults)
    return Listen(
        at=at,
        started=clock if utc or clock is None else _placed(clock, context.zone, faults),
        artist=None if artist == _NO_NAME else artist.strip() or None,
        title=None if title == _NO_NAME else title.strip() or None,
        album=album.strip() or None,
        track_id=mbid(rest[0]) if rest else None,
        ms_played=0 if skipped else None,
        duration_ms=count(length, faults, "duration", 1000),
        skipped=skipped,
        # Two exports of one log may be read with another zone: the clock's own time tells a listen.
        facts=(clock,),
    )


def _placed(clock: int, zone: tzinfo, faults: list[Fault]) -> int | None:
    """A wall clock's time as if UTC → the time it was."""
    if zone is UTC:
        return clock
    try:
        naive = datetime.fromtimestamp(clock / 1000, UTC).replace(tzinfo=zone)
        return epoch_ms(naive.astimezone(UTC))
    except (OverflowError, ValueError, OSError):
        faults.append(Fault("bad_timestamp", "timestamp"))
        return None


FORMAT = Format(
    kind="scrobbler_log",
    title="Portable players' scrobbler log (Rockbox and others)",
    usually=".scrobbler.log",
    fits=lambda head: head.text.startswith("#AUDIOSCROBBLER/"),
    read=_read,
    convert=History("import.scrobbler_log", _listen),
)
