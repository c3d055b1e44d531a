"""Keeps a long run from filling the disk: counts the objects of a lake, and removes all but the newest."""

from __future__ import annotations

import pyarrow.parquet as pq
from pyarrow.fs import FileSelector, FileSystem


class Janitor:
    """`rows` and `objects` are those removed so far."""

    def __init__(self, store: FileSystem, prefix: str) -> None:
        self._store, self._prefix = store, prefix
        self.rows = self.objects = 0

    def sweep(self, keep: int) -> None:
        """Count and remove all but the `keep` newest objects of each partition."""
        selector = FileSelector(f"{self._prefix}/bronze", allow_not_found=True, recursive=True)
        paths = [info.path for info in self._store.get_file_info(selector) if info.extension == "parquet"]
        partitions: dict[str, list[str]] = {}
        for path in sorted(paths, key=lambda path: path.rsplit("/", 1)[1]):
            partitions.setdefault(path.rsplit("/", 1)[1].split("+")[1], []).append(path)
        for found in partitions.values():
            for path in found[: len(found) - keep]:
                self.rows += pq.read_metadata(path, filesystem=self._store).num_rows
                self.objects += 1
                self._store.delete_file(path)
