"""A run of rows of a Parquet object, read as often as needed, a row group at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq

# Row groups that are decoded once and kept, instead of being read anew for each pass over them.
_KEPT_BYTES = 128 * 1024**2


class Groups:
    """The row groups of one object, the latest of them kept."""

    def __init__(self, file: pq.ParquetFile) -> None:
        self._file = file
        self._kept: dict[int, pa.Table] = {}
        counts = [file.metadata.row_group(n).num_rows for n in range(file.metadata.num_row_groups)]
        edges = [0]
        for count in counts:
            edges.append(edges[-1] + count)
        self._edges = list(enumerate(pairwise(edges)))
        self.rows: int = edges[-1]

    def overlapping(self, start: int, stop: int) -> list[tuple[int, int, int]]:
        """The groups that have rows of [start, stop): their numbers, and from where to where in them."""
        found = []
        for number, (first, behind) in self._edges:
            low, high = max(start, first), min(stop, behind)
            if low < high:
                found.append((number, low - first, high - first))
        return found

    def size(self, number: int) -> int:
        """The bytes of a group, before compression."""
        return int(self._file.metadata.row_group(number).total_byte_size)

    def read(self, number: int, columns: Sequence[str] | None) -> pa.Table:
        """A group, all columns or the ones named."""
        return self._file.read_row_group(number, columns=columns)

    def kept(self, number: int) -> pa.Table:
        """A whole group, from memory if it was asked for lately."""
        if number not in self._kept:
            while self._kept and sum(map(self.size, self._kept)) + self.size(number) > _KEPT_BYTES:
                del self._kept[next(iter(self._kept))]
            self._kept[number] = self.read(number, None)
        return self._kept[number]


class Rows:
    """The rows [start, stop) of an object; `stop` None: up to its end."""

    def __init__(self, groups: Groups, start: int = 0, stop: int | None = None) -> None:
        self._groups = groups
        self._start, self._stop = start, groups.rows if stop is None else stop
        self._parts = groups.overlapping(self._start, self._stop)
        self._small = sum(groups.size(number) for number, _, _ in self._parts) <= _KEPT_BYTES

    def __len__(self) -> int:
        return sum(high - low for _, low, high in self._parts)

    def tables(self, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """These rows in order, all columns or the ones named."""
        for number, low, high in self._parts:
            if self._small:
                table = self._groups.kept(number)
                table = table if columns is None else table.select(columns)
            else:
                table = self._groups.read(number, columns)
            yield table.slice(low, high - low)
