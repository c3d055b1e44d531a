"""Tables: a row of names, perhaps below a preamble, and rows below it.

A quote that is never closed does not swallow the rest: where a row over several lines has not the columns of
the header, each of its lines is read for itself.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from producer.reports.declaration import Report, plain
from producer.reports.head import MOST_PREAMBLE
from producer.reports.raw import RawRow, RawRows, digest_of, in_chunks
from producer.reports.recognise import is_header


class _Noting:
    """Lines on their way into the CSV reader; `taken` are those that it has asked for since the last row."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.taken.append(line)
            yield line


def read_table(text: TextIO, delimiter: str, report: Report, chunk_rows: int) -> RawRows:
    """The rows below the header. Any of CR, LF and CRLF ends a line."""
    lines = _Noting(text)
    numbered = _numbered(lines, delimiter)
    names: list[str] = []
    for count, (_, _, cells) in enumerate(numbered):
        names = [plain(cell) for cell in cells]
        if is_header(report, names) or count >= MOST_PREAMBLE:
            break
    return RawRows(names, in_chunks(_rows(numbered, len(names), delimiter), chunk_rows))


def _numbered(lines: _Noting, delimiter: str) -> Iterator[tuple[int, list[str], list[str]]]:
    """Number of the last line, the lines, and the cells of each row."""
    reader = csv.reader(iter(lines), delimiter=delimiter)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:  # a cell of 128 KiB: a quote that nobody closed
            taken, lines.taken = lines.taken, []
            yield reader.line_num, taken, []
            continue
        if cells is None:
            return
        taken, lines.taken = lines.taken, []
        yield reader.line_num, taken, cells


def _rows(
    numbered: Iterator[tuple[int, list[str], list[str]]], width: int, delimiter: str
) -> Iterator[RawRow]:
    for number, taken, cells in numbered:
        if len(cells) == width and len(taken) == 1:
            if any(cells):
                yield RawRow(number, digest_of(taken[0]), cells)
        elif len(cells) == width or len(taken) == 1:
            yield from _row(number, "".join(taken), cells, width)
        else:
            for back, line in enumerate(taken):
                alone = next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE), [])
                yield from _row(number - len(taken) + 1 + back, line, alone, width)


def _row(number: int, text: str, cells: list[str], width: int) -> Iterator[RawRow]:
    """A row with as many cells as there are names; empty ones too many are none."""
    if not any(cell.strip() for cell in cells):
        return
    fault = None
    if len(cells) > width and any(cells[width:]):
        fault = "too_many_columns"
    elif len(cells) < width:
        fault = "too_few_columns"
    yield RawRow(number, digest_of(text), (cells + [""] * width)[:width], fault)
