"""The objects to read for each row of a topic exactly once: compacted where there are such, else bronze."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from consumer.compact.landed import ALWAYS, Window, list_keys
from consumer.compact.manifest import list_slots, read_manifest
from consumer.store import Store

# Manifests are small and far away: reading them side by side hides the round trips.
_READERS = 8


@dataclass(frozen=True)
class LakeFile:
    """An object to read, its hour (None: its folder is none) and whether it is a compacted one.

    `rows` and `size` (bytes) are known of compacted objects only.
    """

    key: str
    hour: datetime | None
    compacted: bool
    rows: int | None = None
    size: int | None = None


def list_files(store: Store, topic: str, window: Window = ALWAYS) -> list[LakeFile]:
    """Every row of `topic` that has landed in the hours of `window` is in exactly one of these, once.

    Good for BACKBEAT_SINK_PUT_SECONDS at least: what was listed may leave bronze only later than that.
    BackbeatError when a manifest cannot be read.
    """
    # Bronze first: what has left it by then had its manifest before, and that is listed now.
    landed = list(list_keys(store, topic, window))
    slots = list_slots(store, topic, window)
    with ThreadPoolExecutor(_READERS, "manifest") as pool:
        manifests = list(pool.map(partial(read_manifest, store), slots))
    replaced = {source.key for manifest in manifests for source in manifest.sources}
    files = [LakeFile(key, hour, compacted=False) for hour, key in landed if key not in replaced]
    for slot, manifest in zip(slots, manifests, strict=True):
        files += [
            LakeFile(output.key, slot.hour, compacted=True, rows=output.rows, size=output.size)
            for output in manifest.outputs
        ]
    return sorted(files, key=lambda file: (file.hour is None, str(file.hour), file.key))
