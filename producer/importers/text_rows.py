"""The rows of a text file: lines, tab-separated and comma-separated values.

A row that is not UTF-8 is an `Unreadable`, and the file's first such byte is noted; so is a last row that
was cut off. Empty lines are no rows.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from io import StringIO

from producer.importers.reading import Reading, Unreadable, unreadable

Record = dict[str, object] | Unreadable
Line = tuple[int, bytes]


def lines(reading: Reading) -> Iterator[Line]:
    """Line number (from 1) and line, without its end; only LF and CRLF end a line."""
    for at, block in reading.blocks():
        number = reading.lines
        sound = _is_utf8(block)
        for line in block.split(b"\n"):
            number += 1
            text = line.removesuffix(b"\r")
            if text.strip(b" "):
                if not sound:
                    _note_bad_bytes(reading, at, block, number, line)
                yield number, text


def tab_separated(reading: Reading) -> Iterator[list[str] | Unreadable]:
    """The columns of each line; no header, no quoting: a double quote is a double quote."""
    number, most, last = 0, 0, 0
    for number, line in lines(reading):
        try:
            columns = line.decode().split("\t")
        except UnicodeDecodeError:
            yield unreadable(number, line, "not_utf8")
            continue
        last = len(columns)
        most = max(most, last)
        yield columns
    if not reading.ends_in_newline and last < most:
        reading.damaged("cut off", reading.position)


def comma_separated(
    reading: Reading, header: Sequence[str] = (), is_comment: Callable[[str], bool] = lambda _cell: False
) -> Iterator[Record]:
    """Header (lower-cased) → value of each row of a CSV file (RFC 4180); `header` where the file has none.
    `is_comment` is asked of the first cell of each row before the header."""
    reader = csv.reader(_text_lines(reading), strict=True)
    names, number, short = list(header), 0, False
    try:
        for columns in reader:
            if not columns:
                continue
            if not names and is_comment(columns[0]):
                continue
            if not names:
                names = [name.strip().lower() for name in columns]
                continue
            number += 1
            short = len(columns) < len(names)
            yield _mapped(number, names, columns, reading)
    except csv.Error as error:
        what = "cut off" if "unexpected end" in str(error) else "broken CSV"
        reading.damaged(what, line=reader.line_num)
        yield unreadable(number + 1, b"", what.replace(" ", "_").lower(), f"line {reader.line_num}")
        return
    if short and not reading.ends_in_newline:
        reading.damaged("cut off", reading.position)


def _text_lines(reading: Reading) -> Iterator[str]:
    for at, block in reading.blocks():
        try:
            text = block.decode()
        except UnicodeDecodeError as error:
            reading.damaged("not UTF-8", at + error.start)
            text = block.decode(errors="surrogateescape")
        yield from StringIO(text, newline="")


def _mapped(number: int, names: list[str], columns: list[str], reading: Reading) -> Record:
    if reading.damage is not None and not _has_utf8(columns):
        return unreadable(number, _bytes(columns), "not_utf8")
    if len(columns) == len(names):
        return dict(zip(names, columns, strict=True))
    reason = "too_few_columns" if len(columns) < len(names) else "too_many_columns"
    detail = f"{len(columns)} instead of {len(names)} in row {number}"
    return unreadable(number, _bytes(columns), reason, detail)


def _has_utf8(columns: list[str]) -> bool:
    try:
        "".join(columns).encode()
    except UnicodeEncodeError:
        return False
    return True


def _bytes(columns: list[str]) -> bytes:
    return "\x1f".join(columns).encode(errors="surrogateescape")


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _note_bad_bytes(reading: Reading, at: int, block: bytes, number: int, line: bytes) -> None:
    if reading.damage is None:
        try:
            line.decode()
        except UnicodeDecodeError as error:
            before = sum(len(text) + 1 for text in block.split(b"\n")[: number - reading.lines - 1])
            reading.damaged("not UTF-8", at + before + error.start)
