"""A lake in a folder: atomic create-if-absent through a hard link, durable through fsync."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from consumer.head import Head
from consumer.permit import Body, Permit, too_late
from contracts.errors import BackbeatError
from contracts.lake import FENCES

# Under the sink's own folder and without .parquet: no reader's glob ever sees a half-written object.
_SCRATCH = f"{FENCES}/tmp"  # noqa: S108 -- a folder of the lake, not the machine's
_STALE_SECONDS = 86_400


class FolderStore:
    """Objects as files under `root`; any number of threads and processes may create at the same time."""

    def __init__(self, root: Path, put_seconds: float = 600.0) -> None:
        self._root, self._put_seconds = root, put_seconds
        self._scratch = root / _SCRATCH
        with self._reported(self._scratch):
            self._scratch.mkdir(parents=True, exist_ok=True)
            self._sweep()

    def create(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        """Write and fsync a scratch file, then link it to `key`: the link succeeds for one caller only."""
        return self._create(key, body, None)

    def deadline(self) -> datetime:
        """Until when what is decided now may be written."""
        return datetime.now(UTC) + timedelta(seconds=self._put_seconds)

    def permit(self, key: str, metadata: Mapping[str, str], until: datetime) -> Permit:
        """The right to create `key` until `until`: no server judges that, our own clock does, at the end."""
        return lambda body: self._create(key, body, until)

    def _create(self, key: str, body: Body, until: datetime | None) -> bool:
        target = self._path(key)
        scratch = self._scratch / f"{uuid4().hex}.part"
        with self._reported(target):
            try:
                _write(scratch, body)
                self._make_folder(target.parent)
                if until is not None and datetime.now(UTC) >= until:
                    raise too_late(key, until)
                os.link(scratch, target)
                _sync_folder(target.parent)
            except FileExistsError:
                # Over a network the link's answer may be lost and the request repeated: it is ours if it
                # leads to what we wrote.
                return target.samefile(scratch)
            finally:
                scratch.unlink(missing_ok=True)
        return True

    def get(self, key: str) -> bytes | None:
        """The file's bytes; None when there is none."""
        path = self._path(key)
        with self._reported(path):
            try:
                return path.read_bytes()
            except FileNotFoundError:
                return None

    def head(self, key: str) -> Head | None:
        """The file's size; a folder keeps no metadata."""
        path = self._path(key)
        with self._reported(path):
            try:
                found = path.stat()
            except FileNotFoundError:
                return None
        return Head(found.st_size, modified=datetime.fromtimestamp(found.st_mtime, UTC))

    def read(self, key: str, start: int, size: int) -> bytes:
        """A part of the file."""
        path = self._path(key)
        with self._reported(path), path.open("rb") as file:
            file.seek(start)
            return file.read(size)

    def copy(self, source: str, target: str) -> bool:
        """Link the file to a second name, under which it stays when the first is removed."""
        path = self._path(target)
        with self._reported(path):
            try:
                self._make_folder(path.parent)
                os.link(self._path(source), path)
                _sync_folder(path.parent)
            except FileExistsError:  # by an earlier attempt
                return True
            except FileNotFoundError:
                return False
        return True

    def remove(self, key: str) -> None:
        """Delete the file, and nothing else; harmless when there is none."""
        path = self._path(key)
        with self._reported(path):
            path.unlink(missing_ok=True)

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        """Keys under `prefix` after `start_after`, in lexicographic order; scratch files are no objects."""
        folder = prefix.rpartition("/")[0]
        for key in self._walk(f"{folder}/" if folder else "", start_after):
            if key.startswith(prefix) and key > start_after:
                yield key

    def last(self, prefix: str, start_after: str = "") -> Sequence[str]:
        """The last two keys under `prefix` after `start_after`; one look into the folder."""
        return tuple(deque(self.list(prefix, start_after), 2))

    def _walk(self, folder: str, start_after: str) -> Iterator[str]:
        if folder == f"{_SCRATCH}/" or (folder < start_after and not start_after.startswith(folder)):
            return
        with self._reported(self._root / folder):
            try:
                # A folder sorts as its name and the slash: that is where its keys stand among the others.
                with os.scandir(self._root / folder) as found:
                    entries = sorted(entry.name + "/" * entry.is_dir() for entry in found)
            except FileNotFoundError:
                return
        for name in entries:
            if name.endswith("/"):
                yield from self._walk(folder + name, start_after)
            else:
                yield folder + name

    def _path(self, key: str) -> Path:
        path = Path(key)
        if path.is_absolute() or ".." in path.parts:
            raise BackbeatError(f"{key} is not a key inside the lake")
        return self._root / path

    def _make_folder(self, folder: Path) -> None:
        """Make `folder` and sync each new link to it, so that a crash cannot lose a whole hour's folder."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)

    def _sweep(self) -> None:
        """Remove what killed processes left; a day is longer than any write."""
        for path in self._scratch.iterdir():
            with suppress(FileNotFoundError):  # its writer, who is at work, has just finished with it
                if path.stat().st_mtime < time.time() - _STALE_SECONDS:
                    path.unlink(missing_ok=True)

    @contextmanager
    def _reported(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise BackbeatError(f"{path}: {reason} (BACKBEAT_LAKE={self._root})") from error


def _write(path: Path, body: Body) -> None:
    with path.open("xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
