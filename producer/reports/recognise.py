"""Which report a file is, by its content; and, of a table, where its columns are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from producer.reports.catalogue import Known, known_reports
from producer.reports.declaration import Report, pattern_of, plain
from producer.reports.head import DELIMITERS, ReportHead


class Recognised(NamedTuple):
    """A report, and how to read it; `delimiter` is empty where it is no table."""

    known: Known
    encoding: str
    delimiter: str = ""


def recognise_report(head: bytes) -> Recognised | None:
    """The report that begins with `head`, or None. Of several kinds that fit, the one that asks for most."""
    looked_at = ReportHead(head)
    fitting = [
        Recognised(known, looked_at.encoding, delimiter)
        for known in known_reports()
        for delimiter in [_delimiter(known.report, looked_at)]
        if delimiter is not None
    ]
    return max(fitting, key=lambda one: one.known.report.asks_for, default=None)


def _delimiter(report: Report, head: ReportHead) -> str | None:
    """What parts its columns ("" where nothing does); None where it is not this report."""
    if not all(_expression(found).search(head.text) for found in report.found):
        return None
    if report.layout == "document":
        is_it = {*report.has} <= head.keys and not {*report.lacks} & head.keys
        return "" if head.is_json and is_it else None
    if head.is_json:
        return None
    if report.layout == "records":
        return report.delimiter
    return next((delimiter for delimiter in DELIMITERS if header_in(report, head.rows(delimiter))), None)


def header_in(report: Report, rows: Sequence[Sequence[str]]) -> list[str] | None:
    """The row that names the report's columns, as they are compared; None where there is none."""
    for row in rows:
        names = [plain(name) for name in row]
        if is_header(report, names):
            return names
    return None


def is_header(report: Report, names: Sequence[str]) -> bool:
    """Whether `names` are the columns of the report."""
    if len(names) < len(report.has):
        return False
    asked = all(any(_pattern(asked).fullmatch(name) for name in names) for asked in report.has)
    return asked and not any(_pattern(lacks).fullmatch(name) for lacks in report.lacks for name in names)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return pattern_of(name)


@cache
def _expression(text: str) -> re.Pattern[str]:
    return re.compile(text, re.MULTILINE)
