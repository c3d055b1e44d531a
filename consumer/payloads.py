"""Payloads side by side in one buffer, and where their quotation marks are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from consumer.stencil import LONGEST, Anchor

Numbers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Octets = npt.NDArray[np.uint8]

# Bytes behind the last payload, so that a window may begin anywhere.
_MARGIN = LONGEST
_MARK, _BACKSLASH, _SPACE = 0x22, 0x5C, 0x20
# Arrow's view of a text: up to 12 bytes are in it, of more its first 4, and where in which buffer they are.
_NEAR = 12
_VIEW = np.dtype(
    {
        "names": ["width", "head", "buffer", "place"],
        "formats": ["<i4", "V12", "<i4", "<i4"],
        "offsets": [0, 4, 8, 12],
    }
)
# Looked through at a time: what a look leaves behind stays in the processor's cache. On a whole buffer of
# 10 MB it took three times as long, most of it for fresh memory.
_BLOCK = 128 * 1024


@dataclass(frozen=True)
class Payloads:
    """Payloads in `data`: n lies in [starts[n], ends[n]); its marks are marks[n] places, from first[n] on.

    `plain` says of each that all its marks are marks: it has no backslash and no control character.
    """

    data: Octets
    starts: Numbers
    ends: Numbers
    places: Numbers
    first: Numbers
    marks: Numbers
    plain: Truths

    @classmethod
    def of(cls, column: pa.BinaryArray) -> Payloads:
        """The payloads of an Arrow column; a null has no mark and no byte."""
        _, offsets, data = column.buffers()
        narrow = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
        bounds = narrow.astype(np.int64)
        octets = _with_margin(np.frombuffer(data or b"", np.uint8), int(bounds[-1]))
        places, odd = _look(octets[: bounds[-1]], int(bounds[0]))
        first = np.searchsorted(places, bounds)
        plain = np.ones(len(column), np.bool_)
        plain[np.searchsorted(bounds, odd, "right") - 1] = False
        return cls(octets, bounds[:-1], bounds[1:], places, first[:-1], np.diff(first), plain)

    def alike(self, rows: Numbers, marks: int) -> Alike:
        """Those of `rows`, which have `marks` marks each."""
        places = np.empty((marks + 2, len(rows)), np.int64)
        places[0], places[-1] = self.starts[rows], self.ends[rows]
        np.take(self.places, self.first[rows] + np.arange(marks)[:, None], out=places[1:-1], mode="clip")
        return Alike(self.data, rows, places)


def _with_margin(octets: Octets, end: int) -> Octets:
    """The bytes up to `end` with room behind them; not copied if it is there."""
    if len(octets) >= end + _MARGIN:
        return octets
    found = np.zeros(end + _MARGIN, np.uint8)
    found[:end] = octets[:end]
    return found


def _look(octets: Octets, start: int) -> tuple[Numbers, Numbers]:
    """Where the marks are from `start` on, and what could make one that is none."""
    marks, odd = [], []
    for begin, block in _blocks(octets, start):
        marks.append(np.flatnonzero(block == _MARK) + begin)
        if block.min() < _SPACE or (block == _BACKSLASH).any():
            odd.append(np.flatnonzero((block < _SPACE) | (block == _BACKSLASH)) + begin)
    none = np.zeros(0, np.int64)
    return np.concatenate([none, *marks]), np.concatenate([none, *odd])


def _blocks(octets: Octets, start: int) -> Iterator[tuple[int, Octets]]:
    for begin in range(start, len(octets), _BLOCK):
        yield begin, octets[begin : begin + _BLOCK]


@dataclass(frozen=True)
class Alike:
    """Payloads with as many marks each; `places` has a row for the beginnings, each mark, and the ends."""

    data: Octets
    rows: Numbers
    places: Numbers

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, wanted: Truths) -> Alike:
        """Some of them."""
        if wanted.all():
            return self
        return Alike(self.data, self.rows[wanted], self.places[:, wanted])

    def at(self, anchor: Anchor) -> Numbers:
        """The place of `anchor` in each."""
        places: Numbers = self.places[anchor.mark + 1]
        if not anchor.shift:
            return places
        # Before the first payload's beginning there is nothing to look at.
        moved: Numbers = places + anchor.shift
        return np.maximum(moved, 0) if anchor.shift < 0 else moved

    @property
    def ends(self) -> Numbers:
        """The place behind each one's last byte."""
        found: Numbers = self.places[-1]
        return found

    def equal(self, begins: Numbers, text: bytes) -> Truths:
        """Where `text` stands at each of `begins`."""
        found: Truths = self._windows(begins, f"S{len(text)}") == text
        return found

    def fixed(self, begins: Numbers, width: int) -> Octets:
        """The `width` bytes from each of `begins` on; shape (len(begins), width)."""
        found: Octets = self._windows(begins, f"V{width}").view(np.uint8).reshape(len(begins), width)
        return found

    def texts(self, begins: Numbers, widths: Numbers) -> pa.StringArray:
        """The bytes from each of `begins` on, as many as `widths` says, which must be UTF-8."""
        views = np.empty(len(begins), _VIEW)
        views["width"], views["head"] = widths, self._windows(begins, "V12")
        far = widths > _NEAR
        views["buffer"][far], views["place"][far] = 0, begins[far]
        buffers = [None, pa.py_buffer(views), pa.py_buffer(self.data)]
        return pa.Array.from_buffers(pa.string_view(), len(begins), buffers).cast(pa.string())

    def _windows(self, begins: Numbers, kind: str) -> Any:
        """Copies of fixed width: every place of the buffer seen as one, and the wanted ones picked.

        4 ns each, where to gather them byte by byte costs 40.
        """
        count = len(self.data) - np.dtype(kind).itemsize + 1
        windows: Any = np.ndarray((count,), kind, self.data.data, strides=(1,))
        return windows[begins]
