"""Gold as Parquet, for tools without a warehouse: a folder a publish; `current` points at the newest.

    curated/20261121T120000Z/fct_plays.parquet …
    curated/current -> 20261121T120000Z

A reader that opened files under `current` keeps what it opened; the folder before the newest stays for it.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb

from contracts.errors import BackbeatError
from contracts.lake import CURATED
from serving.contents import attach, gold_tables, literal, ordered, quoted
from serving.settings import ServingSettings
from serving.warehouse import require_warehouse

_KEPT = 2
CURRENT = "current"


class Target(StrEnum):
    """Where `backbeat publish` hands gold to."""

    SNAPSHOT = "snapshot"
    PARQUET = "parquet"
    POSTGRES = "postgres"


@dataclass(frozen=True)
class Curated:
    """A finished publish: its folder, rows per table, bytes, and how long it took."""

    path: Path
    rows: dict[str, int]
    size: int
    seconds: float


def curate(settings: ServingSettings) -> dict[str, Any]:
    """Publish to the lake's curated zone; the facts of it. BackbeatError where the lake is no folder."""
    if "://" in settings.lake:
        raise BackbeatError(f"BACKBEAT_LAKE={settings.lake}: `publish --to parquet` writes to a folder only")
    done = publish_parquet(settings.warehouse, Path(settings.lake) / CURATED)
    return {
        "snapshot": str(done.path),
        "tables": len(done.rows),
        "rows": sum(done.rows.values()),
        "bytes": done.size,
        "seconds": round(done.seconds, 3),
    }


def publish_parquet(warehouse: Path, folder: Path) -> Curated:
    """Write every gold table of `warehouse` to a new folder in `folder`, then point `current` there.

    Raises BackbeatError when the warehouse cannot be read, has no gold, or `folder` cannot be written to;
    `current` is then as it was.
    """
    started = time.monotonic()
    require_warehouse(warehouse)
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    partial = folder / f".{path.name}.partial"
    try:
        partial.mkdir(parents=True)
        rows = _write(warehouse, partial)
        partial.rename(path)
        _point(folder, path.name)
    except OSError as error:
        raise BackbeatError(f"cannot write to {folder} (BACKBEAT_LAKE): {error.strerror}") from error
    except duckdb.Error as error:
        raise BackbeatError(f"cannot copy {warehouse} to {folder}: {str(error).splitlines()[0]}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    _forget(folder)
    size = sum(file.stat().st_size for file in path.iterdir())
    return Curated(path, rows, size, time.monotonic() - started)


def _write(warehouse: Path, folder: Path) -> dict[str, int]:
    source, rows = quoted(warehouse.stem), {}
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        attach(connection, warehouse, source)
        for table in gold_tables(connection, warehouse):
            query = f"select * from {source}.gold.{quoted(table)}{ordered(table)}"  # noqa: S608 - quoted names
            target = literal(str(folder / f"{table}.parquet"))
            done = connection.execute(f"copy ({query}) to {target} (format parquet, compression zstd)")
            ((rows[table],),) = done.fetchall()
    return rows


def _point(folder: Path, name: str) -> None:
    """Make `current` point at `name` in one step."""
    link = folder / f".{name}.link"
    link.symlink_to(name)
    link.replace(folder / CURRENT)


def _forget(folder: Path) -> None:
    """Drop all but the newest folders, and what a killed publish left behind."""
    made = sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    finished = [path for path in made if not path.name.startswith(".")]
    for path in {*finished[:-_KEPT], *(path for path in made if path.name.startswith("."))}:
        shutil.rmtree(path, ignore_errors=True)
