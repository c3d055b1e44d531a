"""A JSON array in a file of any size: its rows, chunk by chunk.

What is written by a machine is written alike: between two rows stands the same text. It is learnt from the
first two rows, and a whole chunk of rows is then parsed at once (orjson, 1 µs a row). Where that fails, the
standard library's scanner goes row by row: it takes half a surrogate pair (a title cut in an emoji) and NaN
for what they are, one bad field, and says where a file is broken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterator
from typing import Any

import msgspec
import orjson

from producer.importers.reading import CHUNK, LONGEST_ROW, Reading, Unreadable, unreadable

Record = dict[str, object] | Unreadable

_NO_SPACE = re.compile(rb"[^ \t\n\r]")
_BETWEEN = re.compile(rb'\}\s*,\s*\{\s*"[^"\\]*"')
_ENDS = frozenset(",] \t\n\r")
# Most rows are smaller; what is not is looked at again, eight times as far.
_FIRST_LOOK = 1 << 12
# NaN and Infinity are not JSON; as text they have the wrong type wherever a number belongs.
DECODER = json.JSONDecoder(parse_constant=str)


def row_of(number: int, value: object) -> Record:
    """The row that a JSON value is: an object, or none."""
    if isinstance(value, dict):
        return value
    return unreadable(number, repr(value).encode(errors="replace"), "not_an_object")


class Text:
    """The part of a file that is being looked at: `window` from `pos` on."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.window = reading.chunk()
        self.pos = 0

    @property
    def at(self) -> int:
        """The byte of the file that is next."""
        return self.reading.position - len(self.window) + self.pos

    def more(self) -> bool:
        """Read on; twice as much each time, so that a value longer than the window costs no square."""
        rest = self.window[self.pos :]
        chunk = self.reading.chunk(max(CHUNK, len(rest)))
        self.window, self.pos = rest + chunk, 0
        return bool(chunk)

    def peek(self) -> bytes:
        """The next byte that is no space; empty at the end."""
        while True:
            match = _NO_SPACE.search(self.window, self.pos)
            self.skip((match.start() if match else len(self.window)) - self.pos)
            if match or not self.more():
                return self.window[self.pos : self.pos + 1]

    def skip(self, count: int) -> None:
        """Move on by so many bytes."""
        self.pos += count


class Rows:
    """The rows of the array that `text` stands in; afterwards `closed` tells whether it ended well.

    `decode` makes rows of a sound chunk; what it refuses comes as `Record`s, row by row."""

    def __init__(
        self, text: Text, number: int = 0, decode: Callable[[bytes], list[Any]] = orjson.loads
    ) -> None:
        self.text = text
        self._decode = decode
        self.number = number
        self.closed = False
        self._between: bytes | None = None
        self._slow_until = 0

    def __iter__(self) -> Iterator[Any]:
        text = self.text
        if text.peek() == b"]":
            text.skip(1)
            self.closed = True
            return
        while True:
            block = self._block()
            if block is None:
                found = yield from self.one()
                if not found:
                    return
            else:
                first, self.number = self.number + 1, self.number + len(block)
                for number, value in enumerate(block, first):
                    yield row_of(number, value) if self._decode is orjson.loads else value
            if not self._goes_on():
                return

    def _goes_on(self) -> bool:
        text = self.text
        mark = text.peek()
        if mark == b",":
            text.skip(1)
            if text.peek():
                return True
        elif mark == b"]":
            text.skip(1)
            self.closed = True
            return False
        what = "broken JSON" if text.peek() else "cut off"
        text.reading.damaged(what, text.at)
        return False

    def _block(self) -> list[Any] | None:
        """The rows up to the last text like that between the first two, or None where there is none."""
        text = self.text
        if self._between is None or text.at < self._slow_until:
            return None
        end = text.window.rfind(self._between, text.pos)
        if end < 0 and text.more():
            end = text.window.rfind(self._between)
        if end < 0:
            return None
        try:
            found = self._decode(b"[%b]" % text.window[text.pos : end + 1])
        except (orjson.JSONDecodeError, msgspec.MsgspecError, UnicodeDecodeError):
            self._slow_until = text.at + end - text.pos
            return None
        text.skip(end + 1 - text.pos)
        return found

    def one(self) -> Generator[Record, None, bool]:
        """The next row, by itself; the value is False where the file is broken."""
        text, size = self.text, _FIRST_LOOK
        text.peek()
        self.number += 1
        while True:
            known = text.window[text.pos : text.pos + size].decode(errors="surrogateescape")
            try:
                value, end = DECODER.raw_decode(known)
            except (ValueError, RecursionError):
                value, end = None, 0
            if isinstance(value, dict) or (end and known[end : end + 1] in _ENDS):
                break
            # A bare number may go on in what has not been looked at yet: 1, 1.5, 1.5e3.
            if self._sees_more(size):
                size *= 8
            elif end:
                break
            else:
                yield self._broken()
                return False
        written = known[:end].encode(errors="surrogateescape")
        yield self._value(value, written)
        self._learn(text.pos + len(written))
        text.skip(len(written))
        return True

    def _sees_more(self, size: int) -> bool:
        rest = len(self.text.window) - self.text.pos
        return size < rest or (rest < LONGEST_ROW and self.text.more())

    def _broken(self) -> Record:
        text = self.text
        rest = text.window[text.pos :]
        reason = "cut_off" if len(rest) < LONGEST_ROW else "broken_json"
        text.reading.damaged(reason.replace("_", " "), text.at)
        return unreadable(self.number, rest, reason)

    def _value(self, value: object, written: bytes) -> Record:
        try:
            written.decode()
        except UnicodeDecodeError as error:
            self.text.reading.damaged("not UTF-8", self.text.at + error.start)
            return unreadable(self.number, written, "not_utf8")
        return row_of(self.number, value)

    def _learn(self, end: int) -> None:
        match = _BETWEEN.match(self.text.window, end - 1)
        self._between = match[0] if match else self._between
