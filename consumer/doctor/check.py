"""One thing the doctor looked at, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """`warn`: it works, and there is something to know; `fail`: it does not, or not exactly once."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """`detail` is one line; when something is wrong it names the setting to change."""

    name: str
    status: Status
    detail: str


def ok(name: str, detail: str) -> Check:
    """All is well."""
    return Check(name, Status.OK, detail)


def warn(name: str, detail: str) -> Check:
    """Worth knowing."""
    return Check(name, Status.WARN, detail)


def fail(name: str, detail: str) -> Check:
    """Must be put right."""
    return Check(name, Status.FAIL, detail)
