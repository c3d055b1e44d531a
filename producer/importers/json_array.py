"""A JSON array read one element at a time: a history of any size takes the memory of a few rows.

The standard library's scanner is used because it takes half a surrogate pair (a title cut in an emoji) for
what it is, one bad field; stricter parsers give up the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from contracts.errors import BackbeatError

_CHUNK = 1 << 20
_SPACE = " \t\n\r"
_ENDS = frozenset(",]" + _SPACE)


def elements(path: Path) -> Iterator[object]:
    """The elements of the array in a UTF-8 file; `BackbeatError` where it is none, broken or cut short."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = _Window(file)
        if text.take() != "[":
            raise BackbeatError(f"{path}: JSON, but not an array of rows")
        number = 0
        separator = "]" if text.peek() == "]" else ","
        while separator == ",":
            number += 1
            yield _element(path, text, number)
            if text.peek() == "]":
                break
            separator = text.take()
        if text.take() != "]" or text.peek():
            raise BackbeatError(f"{path}: broken JSON after row {number}")


def _element(path: Path, text: _Window, number: int) -> object:
    try:
        return text.value()
    except json.JSONDecodeError as error:
        raise BackbeatError(f"{path}: broken JSON in row {number}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise BackbeatError(f"{path}: broken JSON in row {number}: {error}") from error


class _Window:
    """The part of a text that is being looked at."""

    # NaN and Infinity are not JSON; as text they have the wrong type wherever a number belongs.
    _decoder = json.JSONDecoder(parse_constant=str)

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self) -> str:
        """The next character that is no space, and move beyond it."""
        character = self.peek()
        self._at += 1
        return character

    def value(self) -> object:
        """The JSON value that comes next; `ValueError` or `RecursionError` where there is none."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except ValueError:
                if not self._more():
                    raise
                continue
            # A bare number may go on in what has not been read yet: 1, 1.5, 1.5e3.
            if self._text[end : end + 1] in _ENDS or not self._more():
                self._at = end
                return value

    def _more(self) -> bool:
        # Twice as much each time, so that a value longer than the window costs no square.
        rest = self._text[self._at :]
        chunk = self._file.read(max(_CHUNK, len(rest)))
        self._text, self._at = rest + chunk, 0
        return bool(chunk)
