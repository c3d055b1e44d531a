"""A draft of rows whose columns are known, all at once: nothing is decoded that need not be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from consumer.batch import Batch
from consumer.bulk_object import blanked, encode_columns, replaced, same
from consumer.decode import decode
from consumer.digest import Digest
from consumer.draft import Draft, last_hash
from consumer.payloads import Numbers
from contracts.arrow import TIMESTAMP, bronze_schema
from contracts.bulk import KnownRows


class KnownDraft(Draft):
    """What the next object of a bulk chain holds: `rows`, from the offset `base` on."""

    def __init__(self, rows: KnownRows, base: int) -> None:
        super().__init__(rows.topic, 0, base)
        self._rows = rows
        self._offsets = base + np.arange(len(rows))
        self.first, self.last = base, base + len(rows) - 1
        self.end = self.last
        self.rows = len(rows)
        self.payload_bytes = _size(rows.values)
        self.earliest, self.latest = int(rows.timestamps.min()), int(rows.timestamps.max())
        self._judged = decode(self._batch(rows.doubtful)) if len(rows.doubtful) else None
        if self._judged is not None:
            self.malformed = self._judged.num_rows - self._judged["error"].null_count

    def content_hash(self) -> str:
        """The hash of its records."""
        digest, times = Digest(), pa.array(self._rows.timestamps)
        nothing = pa.nulls(self.rows, pa.binary())
        digest.add(self._offsets, times, self._rows.keys, self._rows.values, nothing)
        return digest.hexdigest()

    def last_hash(self) -> str:
        """The content hash of the last record alone."""
        return last_hash(self._batch(np.array([self.rows - 1])))

    @property
    def last_epoch(self) -> None:
        """None: no leader has written it."""

    def finish(self, metadata: Mapping[str, str]) -> memoryview:
        """Its data object, with `metadata` in the footer."""
        return encode_columns(bronze_schema(self.topic).names, self._columns(), metadata)

    def _batch(self, positions: Numbers) -> Batch:
        """Some of its records, as the sink would have received them."""
        chosen = pa.array(positions)
        return Batch(
            self.topic,
            self.partition,
            self._offsets[positions],
            pa.array(self._rows.timestamps[positions]),
            self._rows.keys.take(chosen),
            self._rows.values.take(chosen),
            [None] * len(positions),
        )

    def _columns(self) -> list[pa.Array]:
        """The columns of the object: what `decode` would give."""
        zeros = pa.array(np.zeros(self.rows, np.int32))
        columns = [
            *self._rows.columns,
            _as_text(self._rows.values),
            pa.nulls(self.rows, pa.string()),
            pa.DictionaryArray.from_arrays(zeros, pa.array([self.topic])),
            zeros,
            pa.array(self._offsets),
            pa.array(self._rows.timestamps).view(TIMESTAMP),
            _as_text(self._rows.keys),
            pa.nulls(self.rows, pa.string()),
        ]
        return columns if self._judged is None else self._corrected(columns, self._judged)

    def _corrected(self, columns: list[pa.Array], judged: pa.Table) -> list[pa.Array]:
        """The columns with what decoding has found in the doubtful rows."""
        rows, typed = self._rows.doubtful, len(self._rows.columns)
        fits = np.flatnonzero(judged["error"].combine_chunks().is_null().to_numpy(zero_copy_only=False))
        refused = np.delete(rows, fits)
        columns = [blanked(column, refused) for column in columns[:typed]] + columns[typed:]
        # In a row that fits all the same the contract's columns may differ, in one that does not the others.
        for places, those in ((range(typed), fits), (range(typed, typed + 2), np.arange(len(rows)))):
            values = judged.take(pa.array(those))
            for place in places if len(those) else ():
                found = values.column(place).combine_chunks()
                if not same(columns[place], rows[those], found):
                    columns[place] = replaced(columns[place], rows[those], found)
        return columns


def _size(texts: pa.BinaryArray) -> int:
    bounds = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return int(bounds[-1] - bounds[0])


def _as_text(raw: pa.BinaryArray) -> pa.StringArray:
    """The same bytes as text, unseen: they were made from text, and those that were not are judged."""
    return pa.Array.from_buffers(pa.string(), len(raw), raw.buffers(), raw.null_count, raw.offset)
