"""How far an audit is, on stderr; and what it found, for people."""

from __future__ import annotations

import time

from rich.console import Console
from rich.status import Status
from rich.table import Table

from consumer.audit.finding import CODES, Report

_EVERY_SECONDS, _TERMINAL_SECONDS = 10.0, 0.5


class AuditProgress:
    """Objects and rows checked, rows per second, and the time that is left."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        terminal = self._console.is_terminal
        self._status = Status("listing the lake", console=self._console) if terminal else None
        self._started = self._shown = time.monotonic()

    def __enter__(self) -> AuditProgress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def __call__(self, objects: int, of: int, rows: int) -> None:
        """Show it when it is time to."""
        now = time.monotonic()
        if now - self._shown < (_TERMINAL_SECONDS if self._status else _EVERY_SECONDS):
            return
        self._shown = now
        elapsed = now - self._started
        left = elapsed / objects * max(of - objects, 0)
        text = (
            f"{objects:,} of {of:,} objects, {rows:,} rows checked, {rows / elapsed:,.0f} rows/s, "
            f"about {left:,.0f} s left"
        )
        if self._status:
            self._status.update(text)
        else:
            self._console.print(text, highlight=False)


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
