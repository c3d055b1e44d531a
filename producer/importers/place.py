"""Where a file's bytes are: on disk, or inside of an archive (`archive.zip!folder/member`).

Nothing is unpacked to disk. A member is read as it is decompressed, to its declared size and not further;
what an archive may hold is limited, so that a few kilobytes cannot become a year of work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from contracts.errors import BackbeatError

ZIP_MAGIC = b"PK\x03\x04"

# The largest exports hold some thousand files and a few GiB; a history shrinks to a tenth or twentieth,
# while a bomb of one layer shrinks to a thousandth.
MOST_MEMBERS = 20_000
MOST_UNPACKED = 16 << 30
MOST_RATIO = 200
ALWAYS_ALLOWED = 16 << 20
_DEPTH = 2
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
    with ZipFile(file) as archive, archive.open(inside[0]) as member, _member(member, inside[1:]) as found:
        yield found


class Unpacking:
    """What the archives of one call may still unpack to."""

    def __init__(self) -> None:
        self._left = MOST_UNPACKED

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
        if depth > _DEPTH:
            return f"an archive {depth} deep"
        if info.file_size > ALWAYS_ALLOWED and info.file_size > MOST_RATIO * max(1, info.compress_size):
            return f"unpacks to {info.file_size:,} bytes from {info.compress_size:,}: not a history"
        self._left -= info.file_size
        if self._left < 0:
            return f"beyond the {MOST_UNPACKED >> 30} GiB that archives may unpack to"
        return None


def _name(info: ZipInfo) -> str:
    return info.filename
