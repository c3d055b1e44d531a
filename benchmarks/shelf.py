"""What a reader finds in the store: the Parquet objects under one prefix, their rows and their bytes."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import compute, dataset
from pyarrow.fs import FileInfo, FileSelector, FileSystem, FileType, S3FileSystem

from benchmarks.stage import ACCESS_KEY, REGION, SECRET_KEY


def s3(endpoint: str) -> FileSystem:
    """The store at `endpoint`, as Arrow reads it."""
    return S3FileSystem(
        access_key=ACCESS_KEY, secret_key=SECRET_KEY, endpoint_override=endpoint, region=REGION
    )


@dataclass(frozen=True)
class Count:
    """Objects, their rows by their footers, and their bytes."""

    objects: int
    rows: int
    bytes: int


class Shelf:
    """The Parquet objects under `prefix`. Each footer is read once, again when its object was replaced."""

    def __init__(self, store: FileSystem, prefix: str) -> None:
        self.store, self.prefix = store, prefix
        self._rows: dict[tuple[str, int, object], int] = {}

    def count(self) -> Count:
        """What is there now."""
        found = self._objects()
        self._rows = {self._name(info): self._rows_of(info) for info in found}
        return Count(len(found), sum(self._rows.values()), sum(info.size for info in found))

    def distinct(self, column: str) -> int:
        """How many values of `column` there are in all objects together."""
        paths = [info.path for info in self._objects()]
        if not paths:
            return 0
        rows = dataset.dataset(paths, schema=pa.schema({column: pa.string()}), filesystem=self.store)
        return int(compute.count_distinct(rows.to_table()[column]).as_py())

    def newest(self, folder: str, suffix: str) -> bytes | None:
        """What the last object in `folder` (by its name) with this suffix holds; None when there is none."""
        files = self.store.get_file_info(FileSelector(folder, allow_not_found=True))
        paths = sorted(info.path for info in files if info.path.endswith(suffix))
        if not paths:
            return None
        with self.store.open_input_stream(paths[-1]) as stream:
            return bytes(stream.read())

    def _objects(self) -> list[FileInfo]:
        selector = FileSelector(self.prefix, allow_not_found=True, recursive=True)
        files = self.store.get_file_info(selector)
        return [info for info in files if info.type == FileType.File and info.extension == "parquet"]

    def _rows_of(self, info: FileInfo) -> int:
        name = self._name(info)
        if name not in self._rows:
            self._rows[name] = self._footer(info.path)
        return self._rows[name]

    def _footer(self, path: str) -> int:
        try:
            return int(pq.read_metadata(path, filesystem=self.store).num_rows)
        except pa.ArrowInvalid:  # not Parquet, whatever its name says: no reader gets a row of it
            return 0

    def _name(self, info: FileInfo) -> tuple[str, int, object]:
        return info.path, info.size, info.mtime_ns
