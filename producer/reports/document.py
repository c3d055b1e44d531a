"""JSON documents: rows somewhere inside, and what stands around them.

`rows` are the ways to the rows (the first that leads to a list counts), `context` names what stands above
them, `labels` leads to what the numbers in a cell stand for, `differences` are cells of two others. Numbers
keep the digits that they are written with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TextIO

from producer.reports.declaration import Report
from producer.reports.raw import RawRow, RawRows, digest_of, in_chunks

_DEEPEST = 3


def read_document(text: TextIO, report: Report, chunk_rows: int) -> RawRows:
    """The rows of a document; a document that is broken has one, which is refused."""
    try:
        body = json.loads(text.read(), parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        broken = RawRow(1, digest_of(""), [], "broken_json")
        return RawRows([], iter([[broken]]))
    around = {name: _text(_first(body, ways)) for name, ways in report.context.items()}
    rows = _rows(body, report)
    labels = {name: _labels(body, way) for name, way in report.labels.items()}
    flat = [
        None if (cells := _cells(row)) is None else {**_made(cells, report, labels), **around} for row in rows
    ]
    names = list(dict.fromkeys(name for row in flat if row for name in row))
    return RawRows(names, in_chunks(_raw(flat, rows, names), chunk_rows))


def _raw(flat: list[dict[str, str] | None], rows: list[Any], names: list[str]) -> Iterator[RawRow]:
    for number, (cells, row) in enumerate(zip(flat, rows, strict=True), 1):
        fault = "no_object" if cells is None else None
        values = [(cells or {}).get(name, "") for name in names]
        yield RawRow(number, digest_of(json.dumps(row, sort_keys=True)), values, fault)


def _cells(row: Any) -> dict[str, str] | None:
    """An object by its names, a list by its places ("0", "1" …), None for anything else."""
    if isinstance(row, list):
        return {str(place): _text(value) for place, value in enumerate(row)}
    return _flat(row) if isinstance(row, dict) else None


def _labels(body: Any, way: str) -> dict[str, str]:
    found = _at(body, way)
    return {key: _text(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _made(cells: dict[str, str], report: Report, labels: dict[str, dict[str, str]]) -> dict[str, str]:
    """The cells with labels in place of numbers, and with the differences that the report asks for."""
    named = {name: known.get(cells.get(name, ""), cells.get(name, "")) for name, known in labels.items()}
    differences = {
        name: _difference(cells.get(whole, ""), cells.get(part, ""))
        for name, (whole, part) in report.differences.items()
    }
    return {**cells, **named, **differences}


def _difference(whole: str, part: str) -> str:
    """`whole` less `part`; empty where one of them is no number."""
    try:
        return str(Decimal(whole) - Decimal(part))
    except ArithmeticError:
        return ""


def _rows(body: Any, report: Report) -> list[Any]:
    for way in report.rows:
        found = _at(body, way)
        if isinstance(found, list):
            return found
        if isinstance(found, dict):
            return [found]
    return []


def _first(body: Any, ways: tuple[str, ...]) -> Any:
    return next((found for way in ways if (found := _at(body, way)) is not None), None)


def _at(body: Any, way: str) -> Any:
    """What stands at `a.b.c`; None where there is nothing; the body itself where the way is empty."""
    for step in way.split(".") if way else ():
        body = body.get(step) if isinstance(body, dict) else None
    return body


def _flat(row: dict[str, Any], before: str = "", depth: int = 1) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in row.items():
        name = f"{before}{key}".lower()
        if isinstance(value, dict) and depth < _DEEPEST:
            found |= _flat(value, f"{name}.", depth + 1)
        else:
            found[name] = _text(value)
    return found


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
