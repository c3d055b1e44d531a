"""A compacted object, read in parts: the rows of one partition's range after another's."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from consumer.audit.rows import COLUMNS, DataObject, data_object
from consumer.ranged import RangedFile
from consumer.store import Store


class CompactedObject:
    """The object at `key`: BackbeatError when there is none, ValueError when it is not one."""

    def __init__(self, store: Store, key: str) -> None:
        self.key = key
        try:
            self._file = pq.ParquetFile(RangedFile(store, key))
        except (pa.ArrowInvalid, OSError) as error:
            raise ValueError("it is not Parquet") from error
        names = self._file.schema_arrow.names
        if missing := sorted(set(COLUMNS) - set(names)):
            raise ValueError(f"it has no column {', '.join(missing)}")
        self.count: int = self._file.metadata.num_rows
        self._places = [self._file.metadata.schema.names.index(name) for name in ("_partition", "_offset")]
        self._latest: tuple[int, pa.Table] | None = None

    def rows(self, partition: int, base: int, end: int) -> DataObject:
        """All rows of `partition` in [base, end], in the order they stand in; ValueError when unreadable."""
        parts = [
            self._within(number, partition, base, end)
            for number in range(self._file.metadata.num_row_groups)
            if self._may_hold(number, partition, base, end)
        ]
        empty = self._file.schema_arrow.empty_table().select(COLUMNS)
        return data_object(pa.concat_tables(parts) if parts else empty, {})

    def _may_hold(self, number: int, partition: int, base: int, end: int) -> bool:
        """Whether the statistics of the row group leave room for such rows."""
        group = self._file.metadata.row_group(number)
        for place, low, high in zip(self._places, (partition, base), (partition, end), strict=True):
            found = group.column(place).statistics
            if found is not None and found.has_min_max and (found.max < low or found.min > high):
                return False
        return True

    def _within(self, number: int, partition: int, base: int, end: int) -> pa.Table:
        if self._latest is None or self._latest[0] != number:
            try:
                self._latest = number, self._file.read_row_group(number, columns=COLUMNS)
            except (pa.ArrowInvalid, OSError) as error:
                raise ValueError(f"row group {number} cannot be read") from error
        table = self._latest[1]
        offsets = table["_offset"].to_numpy()
        found = np.flatnonzero(
            (table["_partition"].to_numpy() == partition) & (offsets >= base) & (offsets <= end)
        )
        if len(found) and found[-1] - found[0] + 1 == len(found):
            return table.slice(found[0], len(found))
        return table.take(pa.array(found))
