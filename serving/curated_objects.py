"""The curated zone on S3: objects under a version's prefix, then one small object that names it.

    curated/20261121T120000Z/fct_plays.parquet …
    curated/20261121T120000Z/manifest.json      all of them are there
    curated/current.json                        a copy of the newest manifest

Who has read `current.json` finds every table it names: nothing under a version ever changes, and the versions
before the newest stay for as many publishes as are kept.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from contracts.lake import CURATED
from serving.curated_files import Curated, next_version, written

CURRENT = f"{CURATED}/current.json"
_MANIFEST = "manifest.json"
# A version without a manifest may be one that is being written; after this long its publish has died.
_ABANDONED = timedelta(hours=1)


class Objects(Protocol):
    """What is asked of the store of a lake; BackbeatError when it cannot be reached."""

    def create(self, key: str, body: bytes) -> bool:
        """Put an object where there is none; whether it was put."""

    def replace(self, key: str, body: bytes) -> None:
        """Put an object, whatever is there, in one step."""

    def list(self, prefix: str) -> Iterator[str]:
        """The keys that begin with `prefix`, in order."""

    def remove(self, key: str) -> None:
        """Delete an object; harmless when there is none."""


def publish_objects(warehouse: Path, store: Objects, keep: int) -> Curated:
    """Write every gold table of `warehouse` under a new version, then point `current.json` at it.

    Keeps the newest `keep` versions. Raises BackbeatError when the warehouse or the store cannot be used;
    `current.json` is then as it was. A table is in memory as it is put: as Parquet, not as rows.
    """
    started, now = time.monotonic(), datetime.now(UTC)
    version = next_version(now)
    tables: dict[str, dict[str, object]] = {}
    rows: dict[str, int] = {}
    size = 0
    with tempfile.TemporaryDirectory(prefix="backbeat-curated-") as folder:
        for path, count in written(warehouse, Path(folder)):
            key, body = f"{version}/{path.name}", path.read_bytes()
            store.create(f"{CURATED}/{key}", body)
            path.unlink()
            rows[path.stem], size = count, size + len(body)
            tables[path.stem] = {"key": f"{CURATED}/{key}", "rows": count, "bytes": len(body)}
    told = {"version": version, "published_at": now.isoformat(timespec="seconds"), "tables": tables}
    manifest = json.dumps(told, indent=2).encode() + b"\n"
    store.create(f"{CURATED}/{version}/{_MANIFEST}", manifest)
    store.replace(CURRENT, manifest)
    _forget(store, now, keep)
    return Curated(f"{CURATED}/{version}", rows, size, time.monotonic() - started)


def _forget(store: Objects, now: datetime, keep: int) -> None:
    """Drop all but the newest whole versions, and what killed publishes left; manifests go first."""
    versions: dict[str, list[str]] = {}
    for key in store.list(f"{CURATED}/"):
        version, _, name = key.removeprefix(f"{CURATED}/").partition("/")
        if name:
            versions.setdefault(version, []).append(name)
    whole = [version for version in sorted(versions) if _MANIFEST in versions[version]]
    dead = {version for version in versions.keys() - set(whole) if version < next_version(now - _ABANDONED)}
    for version in sorted({*whole[:-keep], *dead}):
        for name in sorted(versions[version], key=lambda name: (name != _MANIFEST, name)):
            store.remove(f"{CURATED}/{version}/{name}")
