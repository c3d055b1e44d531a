"""Published snapshots: their names, which is newest, and which are old enough to go.

A snapshot is `snapshot-<UTC yyyymmddThhmmss.ffffffZ>.duckdb`: the name says when it was made, names sort as
times do, and a file never changes once it has its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

_FORMAT = "snapshot-%Y%m%dT%H%M%S.%fZ.duckdb"
_NAME = re.compile(r"snapshot-\d{8}T\d{6}\.\d{6}Z\.duckdb")


def name_at(moment: datetime) -> str:
    """The file name of a snapshot made at `moment` (any zone)."""
    return moment.astimezone(UTC).strftime(_FORMAT)


def moment_of(name: str) -> datetime:
    """When the snapshot called `name` was made (UTC); ValueError if it is no snapshot's name."""
    return datetime.strptime(name, _FORMAT).replace(tzinfo=UTC)


def next_name(now: datetime, existing: Iterable[str]) -> str:
    """A name for `now` that sorts after every existing one, even when the clock went backwards."""
    names = snapshot_names(existing)
    if not names:
        return name_at(now)
    return max(name_at(now), name_at(moment_of(names[-1]) + timedelta(microseconds=1)))


def snapshot_names(names: Iterable[str]) -> list[str]:
    """Those of `names` that are snapshots, oldest first."""
    return sorted(name for name in names if _NAME.fullmatch(name))


def superseded(names: Iterable[str], keep: int) -> list[str]:
    """The snapshots beyond the newest `keep` (≥ 1)."""
    return snapshot_names(names)[:-keep]


def newest(folder: Path) -> Path | None:
    """The newest snapshot in `folder`, or None (also when there is no such folder)."""
    names = snapshot_names(entry.name for entry in folder.glob("snapshot-*.duckdb"))
    return folder / names[-1] if names else None
