"""Where a file's bytes are: on disk, or inside of an archive (`archive.zip!folder/member`, `a.csv.gz!a.csv`).

Nothing is unpacked to disk. A member is read as it is decompressed, to its declared size and not further;
what an archive may hold is limited, so that a few kilobytes cannot become a year of work.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from contracts.errors import BackbeatError

ZIP_MAGIC = b"PK\x03\x04"
GZIP_MAGIC = b"\x1f\x8b\x08"

# The largest exports hold some thousand files and a few GiB; a history shrinks to a tenth or twentieth,
# while a bomb of one layer shrinks to a thousandth.
MOST_MEMBERS = 20_000
MOST_UNPACKED_MIB = 16 << 10
MOST_RATIO = 200
ALWAYS_ALLOWED = 16 << 20
_DEPTH = 2
_CHUNK = 1 << 20
_METHODS = frozenset({ZIP_STORED, ZIP_DEFLATED})
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Place:
    """A file on disk, or the member at `inside` of it: `("outer.zip", "inner.json")` of nested archives."""

    path: Path
    size: int
    inside: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How people are told of it."""
        return "!".join([str(self.path), *self.inside])

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Its bytes; `OSError` or `BadZipFile` where they cannot be had."""
        with self.path.open("rb") as file, _member(file, self.inside) as found:
            yield found

    def stamp(self) -> tuple[int, int]:
        """Size and time of the file on disk: another one says that it has changed."""
        found = self.path.stat()
        return found.st_size, found.st_mtime_ns


class RefusedMemberError(Exception):
    """A member of an archive that is not read, and why."""


@contextmanager
def _member(file: IO[bytes], inside: tuple[str, ...]) -> Iterator[IO[bytes]]:
    if not inside:
        yield file
        return
    magic = file.read(len(GZIP_MAGIC))
    file.seek(0)
    if magic == GZIP_MAGIC:
        gzip = cast("IO[bytes]", GzipFile(fileobj=file, mode="rb"))
        with gzip, _member(gzip, inside[1:]) as found:
            yield found
        return
    with ZipFile(file) as archive, archive.open(inside[0]) as member, _member(member, inside[1:]) as found:
        yield found


class Unpacking:
    """What the archives of one call may still unpack to, of `most_mib` in all."""

    def __init__(self, most_mib: int = MOST_UNPACKED_MIB) -> None:
        self._most_mib, self._left = most_mib, most_mib << 20

    def unzipped(self, packed: Place) -> tuple[Place, str | None]:
        """The file in a gzip, which does not tell its size: it is unpacked once to see; with a reason where
        it is not to be read."""
        name = packed.name.rpartition("!")[2].rpartition("/")[2]
        inner = (*packed.inside, name.removesuffix(".gz") or name)
        size, allowed = 0, max(ALWAYS_ALLOWED, MOST_RATIO * packed.size)
        refusal = self._depth_refusal(len(inner))
        try:
            with packed.open() as file, GzipFile(fileobj=file, mode="rb") as unpacked:
                while not refusal and (chunk := unpacked.read(_CHUNK)):
                    size += len(chunk)
                    self._left -= len(chunk)
                    if size > allowed:
                        refusal = f"unpacks to over {allowed:,} bytes from {packed.size:,}: not a history"
                    elif self._left < 0:
                        refusal = self._beyond()
        except (BadGzipFile, EOFError, zlib.error) as error:
            refusal = f"not a whole gzip ({error}); download it again"
        return Place(packed.path, size, inner), refusal

    def members(self, archive: Place) -> Iterator[tuple[Place, str | None]]:
        """The files in `archive`, in the order of their names; with a reason where one is not to be read.
        `BackbeatError`: it is no whole archive, or holds more than anyone's export."""
        try:
            with archive.open() as file, ZipFile(file) as opened:
                found = sorted((info for info in opened.infolist() if not info.is_dir()), key=_name)
        except (BadZipFile, OSError, ValueError) as error:
            raise BackbeatError(
                f"{archive.name}: not a whole archive ({error}); download it again"
            ) from error
        if len(found) > MOST_MEMBERS:
            raise BackbeatError(
                f"{archive.name}: holds {len(found):,} files; {MOST_MEMBERS:,} are read at most"
            )
        for info in found:
            place = Place(archive.path, info.file_size, (*archive.inside, info.filename))
            yield place, self._refusal(info, len(place.inside))

    def _refusal(self, info: ZipInfo, depth: int) -> str | None:
        if info.flag_bits & _ENCRYPTED:
            return "encrypted"
        if info.compress_type not in _METHODS:
            return "compressed in a way that is not read"
        if too_deep := self._depth_refusal(depth):
            return too_deep
        if info.file_size > ALWAYS_ALLOWED and info.file_size > MOST_RATIO * max(1, info.compress_size):
            return f"unpacks to {info.file_size:,} bytes from {info.compress_size:,}: not a history"
        self._left -= info.file_size
        if self._left < 0:
            return self._beyond()
        return None

    def _depth_refusal(self, depth: int) -> str | None:
        return f"an archive {depth} deep" if depth > _DEPTH else None

    def _beyond(self) -> str:
        return f"beyond the {self._most_mib:,} MiB that archives may unpack to (BACKBEAT_IMPORT_UNPACKED_MIB)"


def _name(info: ZipInfo) -> str:
    return info.filename
