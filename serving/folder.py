"""A lake in a folder, as a reader sees it: nothing is made or locked there, so it may be read-only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from contracts.errors import BackbeatError


@dataclass(frozen=True)
class Description:
    """A file's size in bytes, and when it was written (UTC)."""

    size: int
    modified: datetime | None


class Folder:
    """The files under `root`, by the keys of the lake; a folder that is not there holds none."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        """The keys under the folder `prefix` that sort after `start_after`, folder by folder."""
        for folder, inner, names in os.walk(self._root / prefix, onerror=self._unreadable):
            inner.sort()
            base = Path(folder).relative_to(self._root).as_posix()
            keys = (f"{base}/{name}" for name in sorted(names))
            yield from (key for key in keys if key > start_after)

    def head(self, key: str) -> Description | None:
        """Size and time of one file; None when it is gone."""
        try:
            found = (self._root / key).stat()
        except FileNotFoundError:
            return None
        return Description(found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def read(self, key: str, start: int, size: int) -> bytes:
        """`size` bytes of the file from `start` on."""
        try:
            with (self._root / key).open("rb") as file:
                file.seek(start)
                return file.read(size)
        except OSError as error:
            raise BackbeatError(f"{self._root / key}: {error.strerror} (BACKBEAT_LAKE)") from error

    def _unreadable(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise BackbeatError(f"{error.filename}: {error.strerror} (BACKBEAT_LAKE={self._root})") from error
