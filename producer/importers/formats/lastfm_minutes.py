"""Last.fm's scrobbles as benjaminbenben.com saves them: CSV without a header, times to the minute (UTC).

A source of its own: the same scrobble, known to the second, has another event id, and is to be found by
overlap, like a play known from two services.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.fields import text
from producer.importers.format import Format
from producer.importers.head import Head
from producer.importers.history import History
from producer.importers.listen import Listen
from producer.importers.reading import Reading
from producer.importers.text_rows import Record, comma_separated
from producer.importers.timestamp import epoch_ms

SOURCE = "import.lastfm_minutes"

_COLUMNS = ("artist", "album", "title", "time")
_TIME = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}),? (\d\d):(\d\d)", re.ASCII)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


def _listen(row: Mapping[str, object], faults: list[Fault], _context: Context) -> Listen:
    return Listen(
        at=row.get("time"),
        started=_moment(text(row, "time"), faults),
        artist=text(row, "artist"),
        title=text(row, "title"),
        album=text(row, "album"),
    )


def _moment(written: str | None, faults: list[Fault]) -> int | None:
    if written is None:
        faults.append(Fault("missing_timestamp", "time"))
        return None
    match = _TIME.fullmatch(written)
    if match and (month := _MONTHS.find(match[2])) >= 0 and month % 3 == 0:
        day, year, hour, minute = (int(match[group]) for group in (1, 3, 4, 5))
        try:
            return epoch_ms(datetime(year, month // 3 + 1, day, hour, minute, tzinfo=UTC))
        except ValueError:
            pass
    faults.append(Fault("bad_timestamp", "time"))
    return None


def _fits(head: Head) -> bool:
    return any(len(row) == len(_COLUMNS) and _TIME.fullmatch(row[-1]) for row in head.cells)


def _read(reading: Reading) -> Iterator[Record]:
    return comma_separated(reading, _COLUMNS)


FORMAT = Format(
    kind="lastfm_minutes",
    title="Last.fm scrobbles, CSV without a header (Last.fm to CSV of benjaminbenben.com)",
    usually="<user>.csv",
    fits=_fits,
    read=_read,
    convert=History(SOURCE, _listen),
)
