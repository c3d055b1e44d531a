"""How far an audit is, on stderr; and what it found, for people."""

from __future__ import annotations

from rich.table import Table

from consumer.audit.finding import CODES, Report
from consumer.status_line import StatusLine


class AuditProgress(StatusLine):
    """Objects and rows checked, rows per second, and the time that is left."""

    def __init__(self) -> None:
        super().__init__("listing the lake")

    def __call__(self, objects: int, of: int, rows: int) -> None:
        """Show it when it is time to."""
        if not self.due():
            return
        left = self.elapsed / objects * max(of - objects, 0)
        self.show(
            f"{objects:,} of {of:,} objects, {rows:,} rows checked, {rows / self.elapsed:,.0f} rows/s, "
            f"about {left:,.0f} s left"
        )


def table(report: Report) -> Table:
    """The sums, and a line for each code that was found."""
    found = Table(
        title="The lake is what it should be" if report.clean else "The lake is not what it should be"
    )
    found.add_column("what")
    found.add_column("count", justify="right")
    found.add_column("first seen at")
    for name in ("lost", "duplicated", "mismatched", "offsets", "compared", "objects", "gaps", "pending"):
        found.add_row(name, f"{getattr(report, name):,}", "")
    found.add_section()
    for code, meaning in CODES.items():
        if hits := [finding for finding in report.findings if finding.code == code]:
            first = hits[0]
            place = "" if first.partition is None else f"{first.topic}/{first.partition}"
            at = "" if first.offset is None else f" from {first.offset}"
            found.add_row(f"{code}: {meaning}", f"{len(hits):,}", f"{place}{at} {first.key}".strip())
    return found
