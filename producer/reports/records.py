"""Files of records: the first cells of a line say which of several kinds of record it is.

`fields` names the cells of each kind; a line `#KIND…` in the file itself does so for its own. What a kind
listed in `context` says stands for the lines of the kinds in `rows` that follow: all of them, or those that
agree with it in the columns that are listed there.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import TextIO

from producer.reports.declaration import Report, plain
from producer.reports.raw import RawRow, RawRows, digest_of, in_chunks

# DDEX's escape of what it parts lists by.
_ESCAPED = re.compile(r"\\(?=\|)")
Cells = dict[str, str]


class _Records:
    """One pass over a file."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._fields = {kind: list(map(plain, fields)) for kind, fields in report.fields.items()}
        self._known: dict[str, dict[tuple[str, ...], Cells]] = {}
        of_rows = {f"row.{field}": None for kind in report.rows for field in self._fields.get(kind, ())}
        around = [
            f"{kind.lower()}.{field}" for kind in report.context for field in self._fields.get(kind, ())
        ]
        self.names = ["row.kind", *of_rows, *around]

    def row(self, cells: list[str]) -> list[str] | None:
        """The cells of a row with what is known around it; None where the record is no row."""
        if cells and cells[0].startswith("#"):
            self._take_names(cells)
            return None
        kind = self._kind(cells)
        own = self._named(kind, cells)
        if kind in self._report.context:
            keys = self._report.context[kind]
            self._known.setdefault(kind, {})[tuple(own.get(plain(key), "") for key in keys)] = own
        if kind not in self._report.rows:
            return None
        found = {"row.kind": kind} | {f"row.{name}": value for name, value in own.items()}
        for around, keys in self._report.context.items():
            above = self._known.get(around, {}).get(tuple(own.get(plain(key), "") for key in keys), {})
            found |= {f"{around.lower()}.{name}": value for name, value in above.items()}
        return [found.get(name, "") for name in self.names]

    def _take_names(self, cells: list[str]) -> None:
        """The file says itself how it names the cells of a kind, perhaps in another order."""
        kind = cells[0].removeprefix("#")
        if kind in self._fields:
            self._fields[kind] = list(map(plain, cells[1:]))

    def _kind(self, cells: list[str]) -> str:
        for known in (*self._report.rows, *self._report.context, *self._report.fields):
            parts = known.split(" ")
            if [cell.strip() for cell in cells[: len(parts)]] == parts:
                return known
        return ""

    def _named(self, kind: str, cells: list[str]) -> Cells:
        values = cells[len(kind.split(" ")) :]
        return dict(zip(self._fields.get(kind, ()), values, strict=False))


def read_records(text: TextIO, report: Report, chunk_rows: int) -> RawRows:
    """The records that are rows; names are `row.<field>` and, of what is known around, `<kind>.<field>`."""
    records = _Records(report)
    return RawRows(records.names, in_chunks(_rows(text, records, report.delimiter or "\t"), chunk_rows))


def _rows(lines: TextIO, records: _Records, delimiter: str) -> Iterator[RawRow]:
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\r\n").removeprefix("\ufeff")
        cells = _cells(text, delimiter)
        values = records.row(cells)
        if values is not None:
            yield RawRow(number, digest_of(line), values)


def _cells(text: str, delimiter: str) -> list[str]:
    if delimiter == "\t":  # a quote is a quote there
        return [_ESCAPED.sub("", cell) for cell in text.split("\t")]
    return next(csv.reader([text]), [])
