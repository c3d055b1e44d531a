"""What an import tells: per file and in total, rows in = accepted + rejected, by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
from rich.table import Table

from producer.importers.converted import Converted, Rejected
from producer.importers.dropped_file import Skipped


@dataclass
class FileReport:
    """One file's count. A file with a receipt counts nothing (`already_imported`), nor does one that only
    explains others (`is_reference`). `damage` says where a file that is not whole ends being readable. Of a
    platform's report the sum of its `measure`, and the total that it states itself where it does."""

    path: str
    kind: str
    rows_in: int = 0
    accepted: int = 0
    rejected: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    already_imported: bool = False
    is_reference: bool = False
    damage: str | None = None
    measure: str | None = None
    measure_total: str | None = None
    stated_total: str | None = None

    def count(self, row: Converted) -> None:
        """Count one row; one with several faults counts once, under all its reasons comma-joined."""
        self.rows_in += 1
        if isinstance(row, Rejected):
            self.rejected += 1
            self.by_reason[row.reason] += 1
        else:
            self.accepted += 1


def total(files: Sequence[FileReport]) -> FileReport:
    """The sum of the files."""
    by_reason: Counter[str] = Counter()
    for file in files:
        by_reason.update(file.by_reason)
    return FileReport(
        "total",
        f"{len(files)} files",
        sum(file.rows_in for file in files),
        sum(file.accepted for file in files),
        sum(file.rejected for file in files),
        by_reason,
    )


def as_json(files: Sequence[FileReport], skipped: Sequence[Skipped]) -> str:
    """One JSON object on one line: the total, every file, and what a folder held besides."""
    whole = total(files)
    body = {
        "rows_in": whole.rows_in,
        "accepted": whole.accepted,
        "rejected": whole.rejected,
        "by_reason": dict(whole.by_reason),
        "files": [vars(file) | {"by_reason": dict(file.by_reason)} for file in files],
        "skipped": [{"path": path, "reason": reason} for path, reason in skipped],
    }
    return orjson.dumps(body).decode()


def as_tables(files: Sequence[FileReport]) -> list[Table]:
    """A table of the files with their total and, where rows were refused, one of the reasons."""
    table = Table(title="Imported", title_justify="left")
    table.add_column("file", overflow="fold")
    table.add_column("kind", no_wrap=True)
    for heading in ("rows in", "accepted", "rejected"):
        table.add_column(heading, justify="right", no_wrap=True)
    whole = total(files)
    for file in files:
        table.add_row(file.path, _kind(file), *_figures(file))
    table.add_section()
    table.add_row(whole.path, "", *_figures(whole))
    if not whole.by_reason:
        return [table]
    reasons = Table("reason", title="Rejected", title_justify="left")
    reasons.add_column("rows", justify="right")
    for reason, rows in whole.by_reason.most_common():
        reasons.add_row(reason, f"{rows:,}")
    return [table, reasons]


def _kind(file: FileReport) -> str:
    if file.already_imported:
        return "already imported"
    return f"{file.kind}, damaged" if file.damage else file.kind


def _figures(file: FileReport) -> tuple[str, str, str]:
    return f"{file.rows_in:,}", f"{file.accepted:,}", f"{file.rejected:,}"
