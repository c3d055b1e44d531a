"""From rows of text to typed columns: a chunk at a time, column by column, each distinct text once.

A line is refused with all its reasons: what its form has wrong, `missing_<column>`, `bad_<column>`, or what
the platform's file says that it is no line of. Values that could be read stay beside the reasons.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from producer.importers.country import parse_country
from producer.reports.day import date_reader, day_of_year_reader, month_reader, with_years
from producer.reports.declaration import Column, Report, pattern_of
from producer.reports.number import BAD, Reader, decimal_reader, integer_reader
from producer.reports.raw import RawRow

Typed = dict[str, list[object]]
# Distinct texts of one column that are remembered: amounts hardly repeat, stores and days always do.
_MOST_KNOWN = 200_000
_LONGEST_TEXT = 1000
# A second in minutes.
_MINUTE = "0.016666666666666666667"
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f]+")
_ISRC = re.compile(r"[A-Z]{2,3}[A-Z0-9]{2,3}[0-9]{7}")


class _Memo(dict[str, object]):
    """Text → value, read once."""

    def __init__(self, read: Reader) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> object:
        value = self[text] = self._read(text)
        return value


class _Source:
    """One canonical column of a report: where its cells are, and how they are read."""

    def __init__(
        self, name: str, column: Column, places: tuple[int | None, int | None], constant: str, read: Reader
    ) -> None:
        self.name, self.column, self._constant = name, column, constant
        self._place, self._other = places
        self._memo = _Memo(read)

    def values(self, cells: Sequence[Sequence[str]]) -> list[object]:
        """The values of the rows' `cells` (columns of the chunk), as many as there are rows."""
        if self._place is None:
            return [self._memo[self._constant]]
        found = list(map(self._memo.__getitem__, cells[self._place]))
        if self._other is not None and None in found:
            others = cells[self._other]
            found = [
                self._memo[other] if value is None else value
                for value, other in zip(found, others, strict=True)
            ]
        if len(self._memo) > _MOST_KNOWN:
            self._memo.clear()
        return found


class Typing:
    """How the rows of one file become typed columns."""

    def __init__(
        self, report: Report, names: Sequence[str], file_name: str, point: str, key: Callable[[str], str]
    ) -> None:
        self._report = report
        self._names = list(names)
        self._currency: str | None = None
        self._sources = [
            self._source(name, column, file_name, point, key) for name, column in report.columns.items()
        ]
        self._refused = [(self._index(rule.of), _expression(rule.matches), rule) for rule in report.refuse]
        self._totals = [(self._index(rule.of), _expression(rule.matches)) for rule in report.total]

    def is_total(self, row: RawRow) -> bool:
        """Whether a row is the report's own total and no line."""
        return bool(self._totals) and all(
            place is not None and place < len(row.cells) and matches.fullmatch(row.cells[place].strip())
            for place, matches in self._totals
        )

    def columns(self, rows: Sequence[RawRow], latest: date) -> tuple[Typed, list[str | None]]:
        """The typed columns of `rows`, and each row's reasons for being refused, comma-joined."""
        width = len(self._names)
        cells = list(zip(*(row.cells for row in rows), strict=True)) if width else []
        reasons: list[list[str]] = [[row.fault] if row.fault else [] for row in rows]
        typed: Typed = {}
        for source in self._sources:
            values: list[object] = source.values(cells) if cells else [None]
            values = values * len(rows) if len(values) != len(rows) else values
            if source.column.type == "day_of_year":
                values = with_years(values, latest)
            typed[source.name] = _judged(source, values, reasons)
        if self._currency and "currency" not in self._report.columns:
            typed["currency"] = [self._currency] * len(rows)
        for place, matches, rule in self._refused:
            for number, cell in enumerate(cells[place] if place is not None and cells else ()):
                if matches.fullmatch(cell.strip()):
                    reasons[number] = [rule.reason]
        return typed, [",".join(dict.fromkeys(found)) or None for found in reasons]

    def _source(
        self, name: str, column: Column, file_name: str, point: str, key: Callable[[str], str]
    ) -> _Source:
        place = next((found for of in column.of if (found := self._index(of)) is not None), None)
        constant = column.value or ""
        if place is None and column.in_name:
            named = re.search(column.in_name, file_name, re.IGNORECASE)
            constant = named[1] if named else constant
        other = self._index(column.or_of) if column.or_of else None
        return _Source(name, column, (place, other), constant, _reader(column, point, key))

    def _index(self, name: str) -> int | None:
        wanted = pattern_of(name)
        for place, known in enumerate(self._names):
            if found := wanted.fullmatch(known):
                self._currency = (found.groupdict().get("currency") or self._currency or "").upper() or None
                return place
        return None


def _judged(source: _Source, values: list[object], reasons: list[list[str]]) -> list[object]:
    """`values` without what could not be read; `reasons` grow by it."""
    if BAD in values:
        for number, value in enumerate(values if not source.column.lenient else ()):
            if value is BAD:
                reasons[number].append(f"bad_{source.name}")
        return [None if value is BAD else value for value in values]
    if source.column.required and None in values:
        for number, value in enumerate(values):
            if value is None:
                reasons[number].append(f"missing_{source.name}")
    return values


def _reader(column: Column, point: str, key: Callable[[str], str]) -> Reader:
    readers: Mapping[str, Callable[[], Reader]] = {
        "text": lambda: _text,
        "integer": lambda: integer_reader(point),
        "decimal": lambda: decimal_reader(point, column.factor),
        "percent": lambda: decimal_reader(point, column.factor),
        "minutes": lambda: _minutes(point),
        "date": lambda: date_reader(column.formats),
        "month": lambda: month_reader(column.formats),
        "day_of_year": lambda: day_of_year_reader(column.formats),
        "country": lambda: _country,
        "isrc": lambda: _isrc,
        "key": lambda: lambda text: key(text) if text.strip() else None,
    }
    read = readers[column.type]()
    if not column.words:
        return read
    return lambda text: read(column.words.get(text.strip().lower(), text))


def _text(text: str) -> object:
    # One odd title must not make the file unreadable.
    return _NO_TEXT.sub(" ", text).strip()[:_LONGEST_TEXT] or None


def _country(text: str) -> object:
    return parse_country(text) or _text(text)


def _isrc(text: str) -> object:
    """Upper-cased and without hyphens where it then is one; what is none stays as it is written."""
    bare = text.strip().upper().replace("-", "").replace(" ", "")
    return bare if _ISRC.fullmatch(bare) else _text(text)


def _minutes(point: str) -> Reader:
    """`0:04:12` as minutes; a bare number is minutes already."""
    whole, bare, of_seconds = integer_reader("."), decimal_reader(point), decimal_reader(".", _MINUTE)

    def read(text: str) -> object:
        parts = text.strip().split(":")
        if len(parts) == 1:
            return bare(text)
        numbers = [whole(part) for part in parts]
        if len(parts) > 3 or not all(isinstance(number, int) for number in numbers):
            return BAD
        seconds = sum(int(str(number)) * 60**power for power, number in enumerate(reversed(numbers)))
        return of_seconds(str(seconds))

    return read


def _expression(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)
