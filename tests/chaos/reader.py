"""A reader that globs the lake all the time: it may never see a row twice, nor miss one it saw."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

BRONZE = "bronze/"


class Glob(Protocol):
    """What a reader of Parquet files does: list, and open."""

    def list(self) -> Mapping[str, str]:
        """Every data object's key, and what changes when its content does."""

    def open(self, key: str) -> bytes | None:
        """An object's bytes; None when it is gone."""


class FolderGlob:
    """A lake in a folder."""

    def __init__(self, lake: Path) -> None:
        self._lake = lake

    def list(self) -> Mapping[str, str]:
        return dict(self._listed())

    def _listed(self) -> Iterator[tuple[str, str]]:
        for path in self._lake.glob(f"{BRONZE}**/*.parquet"):
            found = path.stat()
            yield str(path.relative_to(self._lake)), f"{found.st_ino} {found.st_mtime_ns}"

    def open(self, key: str) -> bytes | None:
        try:
            return (self._lake / key).read_bytes()
        except FileNotFoundError:
            return None


class S3Glob:
    """A lake in a bucket, asked directly and not through a proxy."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix

    def list(self, under: str = BRONZE) -> Mapping[str, str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + under
        )
        return {
            item["Key"].removeprefix(self._prefix): f"{item['ETag']} {item['LastModified']}"
            for page in pages
            for item in page.get("Contents", [])
        }

    def open(self, key: str) -> bytes | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
        except self._client.exceptions.NoSuchKey:
            return None
        body: bytes = answer["Body"].read()
        return body


class Reader(Thread):
    """Looks every `pause` seconds until closed; `complaint` is the first thing that was wrong.

    Objects do not change, so each is opened once and remembered by its offsets: one bit a row for each
    (topic, incarnation, partition), as the object's name says.
    """

    def __init__(self, glob: Glob, pause: float = 0.2) -> None:
        super().__init__(name="reader", daemon=True)
        self.looks, self.rows, self.complaint = 0, 0, ""
        self.glob, self._pause, self._over = glob, pause, Event()
        self._known: dict[str, str] = {}
        self._seen: dict[tuple[str, ...], npt.NDArray[np.bool_]] = {}

    def run(self) -> None:
        while not self._over.wait(self._pause) and not self.complaint:
            self.look()

    def look(self) -> None:
        """One look at the whole lake."""
        found = self.glob.list()
        if gone := self._known.keys() - found.keys():
            self.complaint = f"objects it had read are gone: {sorted(gone)[:3]}"
        if changed := [key for key, mark in self._known.items() if found.get(key, mark) != mark]:
            self.complaint = f"objects it had read were written again: {sorted(changed)[:3]}"
        for key in sorted(found.keys() - self._known.keys()):
            self._read(key)
            self._known[key] = found[key]
        self.looks += 1

    def _read(self, key: str) -> None:
        body = self.glob.open(key)
        if body is None:
            self.complaint = f"{key} was listed and could not be opened"
            return
        try:
            offsets = pq.ParquetFile(io.BytesIO(body)).read(columns=["_offset"])["_offset"].to_numpy()
        except pa.ArrowInvalid as error:
            self.complaint = f"{key}, which is no Parquet: {error}"
            return
        topic, partition, _, incarnation = key.rpartition("/")[2].removesuffix(".parquet").split("+")
        place = topic, incarnation, partition
        seen = self._seen.get(place, np.zeros(0, np.bool_))
        if len(offsets) and offsets.max() >= len(seen):
            grown = np.zeros(max(2 * len(seen), int(offsets.max()) + 1), np.bool_)
            grown[: len(seen)] = seen
            seen = self._seen[place] = grown
        if len(np.unique(offsets)) < len(offsets) or seen[offsets].any():
            twice = offsets[seen[offsets]][:3].tolist()
            self.complaint = f"rows twice, the second time in {key}: offsets {twice}"
        seen[offsets] = True
        self.rows += len(offsets)

    def close(self) -> str:
        """Look a last time; the complaint, empty when there is none."""
        self._over.set()
        if self.is_alive():
            self.join()
        if not self.complaint:
            self.look()
        return self.complaint
