"""A report's rows before anything is understood of them, whatever the layout: text under names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

# Rows that are typed together: enough for the columns' pace, few enough for memory.
CHUNK_ROWS = 20_000


class RawRow(NamedTuple):
    """One row: its number in the file, its own bytes' SHA-256, its cells, and what is wrong with its form."""

    number: int
    digest: str
    cells: list[str]
    fault: str | None = None


@dataclass
class RawRows:
    """The names of the cells, lower-cased, and the rows in chunks."""

    names: list[str]
    chunks: Iterator[list[RawRow]]
    stated: list[str] = field(default_factory=list)


def digest_of(text: str) -> str:
    """The SHA-256 of a row as text; what could not be decoded counts as its bytes."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def in_chunks(rows: Iterator[RawRow], size: int = CHUNK_ROWS) -> Iterator[list[RawRow]]:
    """`rows`, `size` at a time."""
    chunk: list[RawRow] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
