"""The rows of a file, by its syntax: tab-separated, comma-separated, JSON lines, JSON array.

Every reader raises `BackbeatError` for a file that is broken as a whole, and gives an `Unreadable` for a row
that is broken on its own. Empty lines are not rows. Text is UTF-8 (see `dropped_file`), with or without BOM.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import NamedTuple

import orjson

from contracts.errors import BackbeatError
from producer.importers.converted import Fault
from producer.importers.json_array import elements

_BOM = b"\xef\xbb\xbf"


class Unreadable(NamedTuple):
    """A row whose fields cannot be told apart, so that nothing of it is copied: its number (from 1), its
    SHA-256 and why."""

    number: int
    digest: str
    fault: Fault


Record = dict[str, object] | Unreadable


def tab_separated(path: Path) -> Iterator[list[str]]:
    """The columns of each line; no header, no quoting: a double quote is a double quote."""
    for _, line in _lines(path):
        yield line.decode().split("\t")


def json_lines(path: Path) -> Iterator[Record]:
    """The JSON object on each line."""
    for number, line in _lines(path):
        yield _record(number, line)


def json_array(path: Path) -> Iterator[Record]:
    """The objects of one JSON array."""
    for number, value in enumerate(elements(path), 1):
        yield _object(number, value, b"" if isinstance(value, dict) else json.dumps(value).encode())


def comma_separated(path: Path) -> Iterator[Record]:
    """Header (lower-cased) → value of each row of a CSV file (RFC 4180)."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = [name.strip().lower() for name in next(reader, [])]
            for number, columns in enumerate(filter(None, reader), 1):
                yield _mapped(number, header, columns)
        except csv.Error as error:
            raise BackbeatError(f"{path}: broken CSV at line {reader.line_num}: {error}") from error


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Line number (from 1) and line, without its end; only LF and CRLF end a line."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            text = line.removeprefix(_BOM) if number == 1 else line
            text = text.removesuffix(b"\n").removesuffix(b"\r")
            if text.strip(b" "):
                yield number, text


def _record(number: int, text: bytes) -> Record:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Unreadable(number, sha256(text).hexdigest(), Fault("not_json", f"row {number}"))
    return _object(number, value, text)


def _object(number: int, value: object, text: bytes) -> Record:
    if not isinstance(value, dict):
        return Unreadable(number, sha256(text).hexdigest(), Fault("not_an_object", f"row {number}"))
    # No row of these formats nests or overflows. Emptied, such a value still has the wrong type.
    for name, inner in value.items():
        if isinstance(inner, list | dict) or (isinstance(inner, float) and not isfinite(inner)):
            value[name] = []
    return value


def _mapped(number: int, header: list[str], columns: list[str]) -> Record:
    if len(columns) == len(header):
        return dict(zip(header, columns, strict=True))
    reason = "too_few_columns" if len(columns) < len(header) else "too_many_columns"
    text = "\x1f".join(columns).encode()
    fault = Fault(reason, f"{len(columns)} instead of {len(header)} in row {number}")
    return Unreadable(number, sha256(text).hexdigest(), fault)
