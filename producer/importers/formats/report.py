"""A platform's report among the formats: it is landed as lines, and makes no events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from producer.importers.context import Context
from producer.importers.converted import Converted
from producer.importers.format import Format
from producer.importers.reading import Reading
from producer.reports.recognise import Recognised


def report_format(recognised: Recognised) -> Format:
    """The format of a report that was recognised."""
    known = recognised.known
    return Format(
        kind=known.report.kind,
        title=known.title,
        usually=known.report.usually,
        fits=lambda _head: True,
        read=_no_rows,
        convert=_no_events,
        report=recognised,
    )


def _no_rows(_reading: Reading) -> Iterator[Any]:
    return iter(())


def _no_events(_rows: Iterable[Any], _context: Context) -> Iterator[Converted]:
    return iter(())
