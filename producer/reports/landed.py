"""A report on its way into the lake: read, typed, counted, and written as Parquet.

    landed = land(place, recognised, digest, context, store)
    landed.rows_in, landed.by_reason

Two objects per report, named by the SHA-256 of the file, created only where they are not yet: the same file
adds nothing, whatever it is called and however often an import breaks off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from io import TextIOWrapper
from typing import Any, Protocol, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from contracts.lake import landing_key
from contracts.reports import LINES, REPORTS, report_schema
from producer.importers.context import Context
from producer.importers.place import Place
from producer.reports.declaration import Report
from producer.reports.document import read_document
from producer.reports.head import encoding_of_all
from producer.reports.raw import CHUNK_ROWS, RawRow, RawRows
from producer.reports.recognise import Recognised
from producer.reports.records import read_records
from producer.reports.table import read_table
from producer.reports.typed import Typed, Typing

SOURCE = "import.reports"
# One chunk for a report whose years follow from the order of its rows.
_ALL_ROWS = 1 << 40


class CreatesObjects(Protocol):
    """What landing needs of a lake."""

    def create(self, key: str, body: bytes) -> bool:
        """Write a new object; False, and nothing written, where there is one."""


@dataclass
class Landed:
    """What became of a report's rows; `total` is the sum of its measure, `stated` what it says itself."""

    rows_in: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    total: Decimal = Decimal(0)
    stated: Decimal | None = None

    @property
    def rejected(self) -> int:
        """Rows that were refused, each once."""
        return self.by_reason.total()


def land(  # noqa: PLR0913, PLR0917 -- what a report is, and where to
    place: Place,
    recognised: Recognised,
    digest: str,
    context: Context,
    imported_at: datetime,
    store: CreatesObjects,
    advance: Callable[[int, int], None] = lambda _bytes, _rows: None,
) -> Landed:
    """Write a report's lines and the report itself; `advance` is told of rows as they are done."""
    with place.open() as file:
        encoding = encoding_of_all(file, recognised.encoding)
    recognised, landed, sink = recognised._replace(encoding=encoding), Landed(), pa.BufferOutputStream()
    with (
        place.open() as file,
        # A broken byte becomes U+FFFD; the readers look at the ends of lines themselves.
        TextIOWrapper(file, encoding=encoding, errors="replace", newline="") as text,
        pq.ParquetWriter(sink, report_schema(LINES), compression="zstd", compression_level=1) as writer,
    ):
        raw = read(text, recognised)
        for batch in typed_batches(raw, recognised, place, digest, context, landed):
            writer.write_batch(batch)
            advance(0, batch.num_rows)
    advance(place.size, 0)
    store.create(landing_key(LINES, digest, "parquet"), sink.getvalue().to_pybytes())
    body = _report_row(recognised, place, digest, imported_at, landed)
    store.create(landing_key(REPORTS, digest, "parquet"), body)
    return landed


def read(text: TextIO, recognised: Recognised) -> RawRows:
    """The rows of a report, as text."""
    report = recognised.known.report
    yearless = any(column.type == "day_of_year" for column in report.columns.values())
    size = _ALL_ROWS if yearless else CHUNK_ROWS
    if report.layout == "document":
        return read_document(text, report, size)
    if report.layout == "records":
        return read_records(text, report, size)
    return read_table(text, recognised.delimiter, report, size)


def typed_batches(  # noqa: PLR0913, PLR0917 -- as `land`
    raw: RawRows, recognised: Recognised, place: Place, digest: str, context: Context, landed: Landed
) -> Iterator[pa.RecordBatch]:
    """The lines in the contract's shape, a chunk at a time; `landed` is counted up."""
    report = recognised.known.report
    point = report.decimal or ("," if recognised.delimiter == ";" else ".")
    name = (place.inside[-1] if place.inside else place.path.name).rpartition("/")[2]
    typing = Typing(report, raw.names, name, point, lambda text: context.pseudonyms.of(SOURCE, text))
    for chunk in raw.chunks:
        rows = [row for row in chunk if not typing.is_total(row)]
        if len(rows) != len(chunk):
            totals, _ = typing.columns([row for row in chunk if typing.is_total(row)], context.now.date())
            found = [
                value for value in totals.get(report.total_of or report.measure, ()) if value is not None
            ]
            landed.stated = sum((Decimal(str(value)) for value in found), landed.stated or Decimal(0))
        if not rows:
            continue
        typed, errors = typing.columns(rows, context.now.date())
        _count(landed, typed.get(report.measure, []), errors)
        yield _batch(recognised, digest, rows, typed, errors)


def _count(landed: Landed, measures: list[object], errors: list[str | None]) -> None:
    landed.rows_in += len(errors)
    landed.by_reason.update(error for error in errors if error)
    accepted = (
        value for value, error in zip(measures, errors, strict=False) if not error and value is not None
    )
    landed.total = sum((Decimal(value) for value in accepted), landed.total)  # type: ignore[arg-type]


def _batch(
    recognised: Recognised, digest: str, rows: list[RawRow], typed: Typed, errors: list[str | None]
) -> pa.RecordBatch:
    known, count = recognised.known, len(rows)
    said: dict[str, list[Any]] = {
        **typed,
        "line_id": [f"{digest[:16]}-{row.number}" for row in rows],
        "report_id": [digest] * count,
        "line_number": [row.number for row in rows],
        "line_hash": [row.digest for row in rows],
        "platform": [known.platform] * count,
        "report_kind": [known.report.kind] * count,
        "subject": [known.report.subject] * count,
        "statement_key": _statements(known.report, typed, count),
        "errors": errors,
    }
    schema = report_schema(LINES)
    arrays = [pa.array(said[field.name], field.type) if field.name in said else pa.nulls(count, field.type)
              for field in schema]  # fmt: skip
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _statements(report: Report, typed: Typed, count: int) -> list[str]:
    columns = [typed.get(name, [None] * count) for name in report.statement]
    known: dict[tuple[object, ...], str] = {}
    found = []
    for values in zip(*columns, strict=True):
        if values not in known:
            known[values] = "|".join("" if value is None else str(value) for value in values)
        found.append(known[values])
    return found


def _report_row(
    recognised: Recognised, place: Place, digest: str, imported_at: datetime, landed: Landed
) -> bytes:
    known = recognised.known
    row = {
        "report_id": digest,
        "platform": known.platform,
        "report_kind": known.report.kind,
        "subject": known.report.subject,
        "file_name": (place.inside[-1] if place.inside else place.path.name).rpartition("/")[2],
        "encoding": recognised.encoding,
        "measure": known.report.measure,
        "rows_in": landed.rows_in,
        "accepted": landed.rows_in - landed.rejected,
        "rejected": landed.rejected,
        "measure_total": landed.total,
        "stated_total": landed.stated,
        "imported_at": imported_at,
    }
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist([row], report_schema(REPORTS)), sink)
    body: bytes = sink.getvalue().to_pybytes()
    return body
