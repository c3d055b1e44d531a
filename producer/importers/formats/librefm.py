"""Libre.fm's export: CSV with artist, track, (album,) time; comment lines before the header.

A spreadsheet that saved it as UTF-7 leaves `+ACM-` for `#` and `+AC0-` for `-`: those are read back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from producer.importers.context import Context
from producer.importers.converted import Fault
from producer.importers.fields import seconds, text
from producer.importers.format import Format
from producer.importers.head import Head
from producer.importers.history import History
from producer.importers.listen import Listen
from producer.importers.reading import Reading
from producer.importers.text_rows import Record, comma_separated
from producer.importers.timestamp import parse_ms

_UTF7 = re.compile(r"\+[A-Za-z0-9+/]*-")
_FIELDS = {"artist", "track", "time"}


def _listen(row: Mapping[str, object], faults: list[Fault], _context: Context) -> Listen:
    time = row.get("time")
    written = parse_ms(time) if isinstance(time, str) else None
    return Listen(
        at=time,
        started=seconds(time, faults) if written is None else written,
        artist=text(row, "artist"),
        title=text(row, "track"),
        album=text(row, "album"),
    )


def _read(reading: Reading) -> Iterator[Record]:
    utf7 = False

    def is_comment(cell: str) -> bool:
        nonlocal utf7
        utf7 = utf7 or cell.startswith("+ACM-")
        return cell.startswith(("#", "+ACM-"))

    for row in comma_separated(reading, is_comment=is_comment):
        if utf7 and isinstance(row, dict):
            yield {name: _utf7(str(cell)) for name, cell in row.items()}
        else:
            yield row


def _utf7(cell: str) -> str:
    """`+AC0-` → `-`; what only looks alike stays."""
    if "+" not in cell:
        return cell
    try:
        return _UTF7.sub(lambda found: found[0].encode("ascii").decode("utf-7"), cell)
    except UnicodeDecodeError:
        return cell


def _fits(head: Head) -> bool:
    return head.header >= _FIELDS and head.header <= {*_FIELDS, "album", "userid", "user", "mbid"}


FORMAT = Format(
    kind="librefm",
    title="Libre.fm export",
    usually="librefm_export.csv",
    fits=_fits,
    read=_read,
    convert=History("import.librefm", _listen),
)
