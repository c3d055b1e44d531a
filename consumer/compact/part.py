"""One compacted object while it is being written: Parquet in the contract's schema, in memory."""

from __future__ import annotations

from hashlib import sha256

import pyarrow as pa

from consumer.compact.manifest import Output, Source
from consumer.parquet import ParquetObject
from contracts.arrow import bronze_schema


class Part:
    """The object at `key`; takes the rows of one source after the other, in the order they are to have."""

    def __init__(self, topic: str, key: str) -> None:
        self.key = key
        self._schema = bronze_schema(topic)
        self._file = ParquetObject(self._schema)
        self._sources: list[Source] = []
        self._rows = 0

    @property
    def size(self) -> int:
        """Its bytes by now; the newest rows are not compressed yet."""
        return self._file.held_bytes

    def begin(self, source: Source) -> None:
        """The rows that follow are those of `source`."""
        self._sources.append(source)

    def add(self, table: pa.Table) -> None:
        """Append rows."""
        self._rows += table.num_rows
        self._file.add(conform(table, self._schema))

    def finish(self, attempt: str) -> tuple[Output, memoryview]:
        """What the manifest says of the object, and its bytes."""
        body = self._file.finish({"backbeat-attempt": attempt, "backbeat-rows": str(self._rows)})
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


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of `schema`; those that the contract did not have when the rows landed are null."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
