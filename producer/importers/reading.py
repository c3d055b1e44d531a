"""A file while it is read: how far it has come, and where it is damaged.

    with place.open() as file:
        reading = Reading(file)
        rows = list(format.read(reading))
    reading.damage     # what is wrong and at which byte, or None

What can be read is read: damage is noted and told, it never throws away the rows before it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from typing import IO, NamedTuple
from zipfile import BadZipFile

from producer.importers.converted import Fault

CHUNK = 1 << 20
# A row of this size is none: it is what a broken quote or bracket makes of the rest of a file.
LONGEST_ROW = 1 << 24
BOM = b"\xef\xbb\xbf"


class Unreadable(NamedTuple):
    """A row whose fields cannot be told apart, so that nothing of it is copied: its number (from 1), its
    SHA-256 and why."""

    number: int
    digest: str
    fault: Fault


def unreadable(number: int, text: bytes, reason: str, detail: str | None = None) -> Unreadable:
    """The row `text` that is not what it should be; `detail` tells the place where its number does not."""
    return Unreadable(number, sha256(text).hexdigest(), Fault(reason, detail or f"row {number}"))


class Damage(NamedTuple):
    """What is wrong with a file, and from which byte (from 0) or line (from 1) on."""

    what: str
    byte: int | None
    line: int | None

    def told(self, file: IO[bytes]) -> str:
        """The same with both, for which `file` is read again up to there."""
        if self.byte is None:
            line = self.line or 1
            byte = sum(len(text) for text in islice(file, line - 1))
        else:
            byte = left = self.byte
            line = 1
            while left > 0 and (chunk := file.read(min(left, CHUNK))):
                line += chunk.count(b"\n")
                left -= len(chunk)
        return f"{self.what} at byte {byte:,} (line {line:,})"


class Reading:
    """One pass over a file's bytes; `position` grows as they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.position = 0
        self.lines = 0
        self.ends_in_newline = True
        self.damage: Damage | None = None

    def chunk(self, size: int = 0) -> bytes:
        """The next bytes, without a byte order mark; empty at the end, also where an archive breaks off."""
        try:
            found = self._file.read(size or CHUNK)
        except (BadZipFile, zlib.error, EOFError):
            self.damaged("the archive is damaged", self.position)
            return b""
        first = self.position == 0
        self.position += len(found)
        if found:
            self.ends_in_newline = found.endswith(b"\n")
        if first and found.startswith(BOM):
            return found[len(BOM) :] or self.chunk(size)
        return found

    def damaged(self, what: str, byte: int | None = None, line: int | None = None) -> None:
        """Note what is wrong, and the byte (from 0) or the line (from 1) where; only the first is kept."""
        if self.damage is None:
            self.damage = Damage(what, byte, line)

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Whole lines, about a chunk at a time, each block with the byte it begins at; `lines` counts those
        before it. A line that is longer than any row ends its block all the same."""
        rest, at = b"", 0
        while True:
            chunk = self.chunk()
            if not at and not rest:
                at = self.position - len(chunk)
            rest += chunk
            if not chunk:
                break
            end = rest.rfind(b"\n") + 1 or (len(rest) if len(rest) > LONGEST_ROW else 0)
            if end:
                block, rest = rest[:end], rest[end:]
                yield at, block
                self.lines += block.count(b"\n")
                at += end
        if rest:
            yield at, rest
