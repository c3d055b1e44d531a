"""Hand gold to readers: copy it into a new DuckDB file that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from contracts.errors import BackbeatError
from serving.contents import fill
from serving.snapshot import newest, next_name, superseded
from serving.warehouse import require_warehouse

_ABANDONED_SECONDS = 3_600


@dataclass(frozen=True)
class Published:
    """A finished publish: the file, its rows per table, its size in bytes and how long it took."""

    path: Path
    published_at: datetime
    rows: dict[str, int]
    size: int
    seconds: float
    removed: list[str]


def publish(  # noqa: PLR0913 - from where to where, and how much of it
    warehouse: Path,
    snapshots: Path,
    *,
    keep: int = 3,
    rejected_sample: int = 50,
    only_changes: bool = False,
    evaluation: Path | None = None,
) -> Published:
    """Copy schema gold of `warehouse` into a new snapshot in `snapshots` and drop all but the newest `keep`.

    `only_changes` begins with a copy of the newest snapshot and writes the days and tables that differ: its
    cost is theirs. The rows of one user then lie in more places each time; without it all are sorted anew.
    `evaluation` is the file of the last `backbeat evaluate`, which the snapshot then holds.

    Readers see the new file only once it is complete and on disk. Raises BackbeatError when the warehouse
    is missing, busy or has no gold; then the folder is as it was.
    """
    started = time.monotonic()
    require_warehouse(warehouse)
    _prepare(snapshots)
    now = datetime.now(UTC)
    path = snapshots / next_name(now, _listing(snapshots))
    partial = snapshots / f".{path.name}.{os.getpid()}.partial"
    try:
        before = newest(snapshots) if only_changes else None
        if before:
            shutil.copyfile(before, partial)
        rows = fill(partial, warehouse, now, rejected_sample, evaluation)
        size = partial.stat().st_size
        _settle(partial, path)
    except OSError as error:
        raise BackbeatError(f"cannot write to {snapshots} (BACKBEAT_SNAPSHOTS): {error.strerror}") from error
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise BackbeatError(
            f"cannot copy {warehouse} (BACKBEAT_WAREHOUSE) to {snapshots}: {reason}"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
        partial.with_name(partial.name + ".wal").unlink(missing_ok=True)
    removed = superseded(_listing(snapshots), keep)
    for name in removed:
        (snapshots / name).unlink(missing_ok=True)
    return Published(path, now, rows, size, time.monotonic() - started, removed)


def _listing(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


def _prepare(folder: Path) -> None:
    """Make the folder, and clear what a killed publish left behind."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackbeatError(f"cannot make {folder} (BACKBEAT_SNAPSHOTS): {error.strerror}") from error
    for abandoned in folder.glob(".snapshot-*.partial*"):
        if time.time() - abandoned.stat().st_mtime > _ABANDONED_SECONDS:
            abandoned.unlink(missing_ok=True)


def _settle(partial: Path, path: Path) -> None:
    """Give the file its name once its bytes are on disk; the folder entry is synced too."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
