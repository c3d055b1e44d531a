"""One compacted object while it is being written: Parquet in the contract's schema, in memory."""

from __future__ import annotations

import io
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq

from consumer.compact.manifest import Output, Source
from contracts.arrow import bronze_schema

# Written once and read many times: level 3 takes 1.5 times as long as the sink's 1, for a few percent.
_LEVEL = 3
# Values that hardly repeat: a dictionary for them would be built and thrown away.
_UNIQUE = frozenset({"event_id", "play_id", "payload", "_offset", "_timestamp"})
# A row group ends at either: the rows let readers prune, the bytes bound what is held.
_GROUP_ROWS, _GROUP_BYTES = 128 * 1024, 64 * 1024**2


class Part:
    """The object at `key`; takes the rows of one source after the other, in the order they are to have."""

    def __init__(self, topic: str, key: str) -> None:
        self.key = key
        self._schema = bronze_schema(topic)
        self._body = io.BytesIO()
        repeated = [name for name in self._schema.names if name not in _UNIQUE]
        self._writer = pq.ParquetWriter(
            self._body, self._schema, compression="zstd", compression_level=_LEVEL, use_dictionary=repeated
        )
        self._waiting: list[pa.Table] = []
        self._sources: list[Source] = []
        self._rows = 0

    @property
    def size(self) -> int:
        """The bytes written so far; what waits for its row group to fill is not among them."""
        return self._body.tell()

    def begin(self, source: Source) -> None:
        """The rows that follow are those of `source`."""
        self._sources.append(source)

    def add(self, table: pa.Table) -> None:
        """Append rows; columns that the contract did not have when they landed are null."""
        self._rows += table.num_rows
        self._waiting.append(_conform(table, self._schema))
        rows = sum(waiting.num_rows for waiting in self._waiting)
        if rows >= _GROUP_ROWS or sum(waiting.nbytes for waiting in self._waiting) >= _GROUP_BYTES:
            self._flush()

    def finish(self, attempt: str) -> tuple[Output, bytes]:
        """What the manifest says of the object, and its bytes."""
        self._flush()
        self._writer.add_key_value_metadata({"backbeat-attempt": attempt, "backbeat-rows": str(self._rows)})
        self._writer.close()
        body = self._body.getvalue()
        first, last = self._sources[0], self._sources[-1]
        output = Output(
            key=self.key,
            size=len(body),
            rows=self._rows,
            sha256=sha256(body).hexdigest(),
            first=(first.partition, first.base),
            last=(last.partition, last.end),
            sources=self._sources,
        )
        return output, body

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting), row_group_size=_GROUP_ROWS)
            self._waiting = []


def _conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
