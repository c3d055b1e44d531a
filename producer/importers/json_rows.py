"""The rows of a JSON file: one array, arrays inside of objects, or an object a line; never held whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any

import msgspec
import orjson

from producer.importers.json_text import DECODER, Record, Rows, Text, row_of
from producer.importers.reading import Reading, unreadable

_SPACE = b" \t\r"
_whole_lines = msgspec.json.Decoder().decode_lines


def json_array(reading: Reading, decode: Callable[[bytes], list[Any]] = orjson.loads) -> Iterator[Any]:
    """The objects of one JSON array (`Record`s; or what `decode` makes of sound ones, see `Rows`)."""
    text = Text(reading)
    if text.peek() != b"[":
        reading.damaged("no array of rows", 0)
        return
    text.skip(1)
    rows = Rows(text, decode=decode)
    yield from rows
    if rows.closed and text.peek():
        reading.damaged("something after the array", text.at)


def arrays_named(*names: str, alone: bool = False) -> Callable[[Reading], Iterator[Record]]:
    """A reader of the objects in all arrays under one of these names (`{"scrobbles": [...]}`), page by page;
    with `alone`, a page of one row may be that object itself."""
    begins = b"[\\[{]" if alone else b"\\["
    name = re.compile(rb'"(?:%b)"\s*:\s*(%b)' % ("|".join(names).encode(), begins))

    def read(reading: Reading) -> Iterator[Record]:
        text, number = Text(reading), 0
        while match := _search(name, text):
            is_row = match[1] == b"{"
            text.skip(match.end() - is_row - text.pos)
            rows = Rows(text, number)
            if is_row:
                sound = yield from rows.one()
            else:
                yield from rows
                sound = rows.closed
            if not sound:
                return
            number = rows.number

    return read


def _search(name: re.Pattern[bytes], text: Text) -> re.Match[bytes] | None:
    while True:
        match = name.search(text.window, text.pos)
        if match:
            return match
        text.skip(max(0, len(text.window) - text.pos - 200))
        if not text.more():
            return None


def json_lines(reading: Reading) -> Iterator[Record]:
    """The JSON object on each line."""
    for at, block in reading.blocks():
        try:
            found = _whole_lines(block)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            yield from _line_by_line(reading, at, block)
            continue
        for number, value in enumerate(found, reading.lines + 1):
            yield row_of(number, value)


def flat_json_lines(reading: Reading) -> Iterator[Record]:
    """The same for formats whose rows neither nest nor overflow: such a value is emptied, a wrong type."""
    for row in json_lines(reading):
        if isinstance(row, dict):
            for name, value in row.items():
                if isinstance(value, list | dict) or (isinstance(value, float) and not isfinite(value)):
                    row[name] = []
        yield row


def _line_by_line(reading: Reading, at: int, block: bytes) -> Iterator[Record]:
    for number, line in enumerate(block.split(b"\n"), reading.lines + 1):
        text = line.strip(_SPACE)
        if text:
            yield _line(reading, at, number, text)
        at += len(line) + 1


def _line(reading: Reading, at: int, number: int, text: bytes) -> Record:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    else:
        return row_of(number, value)
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        reading.damaged("not UTF-8", at + error.start)
        return unreadable(number, text, "not_utf8")
    try:
        value = DECODER.decode(decoded)
    except (ValueError, RecursionError):
        if at + len(text) >= reading.position and not reading.ends_in_newline:
            reading.damaged("cut off", reading.position)
            return unreadable(number, text, "cut_off")
        return unreadable(number, text, "not_json")
    return row_of(number, value)
