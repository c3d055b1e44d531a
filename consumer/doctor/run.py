"""The whole examination, and how people see it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from consumer.doctor.check import Check, Status
from consumer.doctor.kafka import check_kafka
from consumer.doctor.lake import check_lake
from consumer.settings import SinkSettings

_STYLES = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "red"}


def examine(settings: SinkSettings) -> list[Check]:
    """Every check on the broker and the store of `settings`, in order."""
    return [*check_kafka(settings), *check_lake(settings)]


def healthy(checks: Sequence[Check]) -> bool:
    """Whether nothing failed."""
    return all(check.status is not Status.FAIL for check in checks)


def table(checks: Sequence[Check]) -> Table:
    """A line for each check."""
    found = Table(title="The sink can run" if healthy(checks) else "The sink cannot run like this")
    for heading in ("check", "", "what it says"):
        found.add_column(heading)
    for check in checks:
        found.add_row(check.name, f"[{_STYLES[check.status]}]{check.status}[/]", check.detail)
    return found
