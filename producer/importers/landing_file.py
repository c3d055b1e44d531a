"""Files for the lake's landing folder: CSV with canonical columns, the same rows always the same bytes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MAX_CELL = 1000


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8, RFC 4180; a header, an empty cell where a value is None, rows in the order of their text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    ordered = sorted(rows, key=lambda row: [str(value) for value in row])
    writer.writerows([_cell(value) for value in row] for row in ordered)
    return text.getvalue().encode(errors="replace")


def _cell(value: object) -> str:
    # One odd title must not make the file unreadable: readers stop at a NUL and at lines without end.
    return "" if value is None else _CONTROL.sub(" ", str(value))[:_MAX_CELL]
