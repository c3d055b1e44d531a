"""A Parquet object of the lake, of which only the parts that are asked for are read."""

from __future__ import annotations

import io
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

_BUFFER = 64 << 10  # a footer and what stands before it come in one request


class Sized(Protocol):
    """What a store tells about an object."""

    @property
    def size(self) -> int:
        """Bytes."""


class Readable(Protocol):
    """What reading needs of a lake."""

    def head(self, key: str) -> Sized | None:
        """Size of one object; None when it is gone."""

    def read(self, key: str, start: int, size: int) -> bytes:
        """`size` bytes of the object from `start` on."""


class _Object(io.RawIOBase):
    def __init__(self, lake: Readable, key: str, size: int) -> None:
        self._lake, self._key, self._size, self._at = lake, key, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = max(0, min(len(buffer), self._size - self._at))
        body = self._lake.read(self._key, self._at, wanted) if wanted else b""
        buffer[: len(body)] = body
        self._at += len(body)
        return len(body)


def open_parquet(lake: Readable, key: str) -> pq.ParquetFile | None:
    """The object, its footer read; None where it is gone. ArrowInvalid where it is no Parquet."""
    head = lake.head(key)
    if head is None:
        return None
    return pq.ParquetFile(pa.PythonFile(io.BufferedReader(_Object(lake, key, head.size), _BUFFER), mode="r"))


def misfit(held: pa.Schema, wanted: pa.Schema) -> str | None:
    """Which of the wanted columns are missing or of another type, in words; None: none."""
    if missing := [one.name for one in wanted if one.name not in held.names]:
        return f"lacks {', '.join(missing)}"
    if wrong := [one.name for one in wanted if held.field(one.name).type != one.type]:
        return f"another type: {', '.join(wrong)}"
    return None
