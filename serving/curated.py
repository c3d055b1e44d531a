"""Gold as Parquet, for tools without a warehouse: a folder a publish; `current` points at the newest.

    curated/20261121T120000Z/fct_plays.parquet …
    curated/current -> 20261121T120000Z

A reader that opened files under `current` keeps what it opened; the folder before the newest stays for it.
On S3, where there are no links, `serving.curated_objects` does the same with an object.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from contracts.errors import BackbeatError
from contracts.lake import CURATED
from serving.curated_files import Curated, next_version, written
from serving.curated_objects import Objects, publish_objects
from serving.settings import ServingSettings

CURRENT = "current"


class Target(StrEnum):
    """Where `backbeat publish` hands gold to."""

    SNAPSHOT = "snapshot"
    PARQUET = "parquet"
    POSTGRES = "postgres"


def curate(settings: ServingSettings, store_for: Callable[[str], Objects]) -> dict[str, Any]:
    """Publish to the lake's curated zone, a folder or S3; the facts of it.

    `store_for` opens a lake that is no folder. Raises BackbeatError as `publish_parquet` does.
    """
    warehouse, keep = settings.warehouse, settings.curated_kept
    if "://" in settings.lake:
        done = publish_objects(warehouse, store_for(settings.lake), keep)
        where = f"{settings.lake.rstrip('/')}/{done.place}"
    else:
        done = publish_parquet(warehouse, Path(settings.lake) / CURATED, keep)
        where = done.place
    return {
        "snapshot": where,
        "tables": len(done.rows),
        "rows": sum(done.rows.values()),
        "bytes": done.size,
        "seconds": round(done.seconds, 3),
    }


def publish_parquet(warehouse: Path, folder: Path, keep: int) -> Curated:
    """Write every gold table of `warehouse` to a new folder in `folder`, then point `current` there.

    Keeps the newest `keep` folders. Raises BackbeatError when the warehouse cannot be read, has no gold, or
    `folder` cannot be written to; `current` is then as it was.
    """
    started = time.monotonic()
    path = folder / next_version()
    partial = folder / f".{path.name}.partial"
    try:
        partial.mkdir(parents=True)
        rows = {file.stem: count for file, count in written(warehouse, partial)}
        partial.rename(path)
        _point(folder, path.name)
    except OSError as error:
        raise BackbeatError(f"cannot write to {folder} (BACKBEAT_LAKE): {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    _forget(folder, keep)
    size = sum(file.stat().st_size for file in path.iterdir())
    return Curated(str(path), rows, size, time.monotonic() - started)


def _point(folder: Path, name: str) -> None:
    """Make `current` point at `name` in one step."""
    link = folder / f".{name}.link"
    link.symlink_to(name)
    link.replace(folder / CURRENT)


def _forget(folder: Path, keep: int) -> None:
    """Drop all but the newest folders, and what a killed publish left behind."""
    made = sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    finished = [path for path in made if not path.name.startswith(".")]
    for path in {*finished[:-keep], *(path for path in made if path.name.startswith("."))}:
        shutil.rmtree(path, ignore_errors=True)
