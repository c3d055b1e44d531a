"""A data object's bytes: what a reader prunes by is there, what nobody prunes by is not."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from consumer.parquet import ParquetObject
from contracts.arrow import bronze_schema

SCHEMA = bronze_schema("plays")


def test_all_columns_but_the_payload_can_be_pruned_by() -> None:
    file = ParquetObject(SCHEMA)
    rows = [dict.fromkeys(SCHEMA.names) | {"_offset": n, "payload": f"{n}"} for n in range(3)]
    file.add(pa.Table.from_pylist(rows, SCHEMA))
    metadata = pq.read_metadata(pa.BufferReader(file.finish({})))
    group = metadata.row_group(0)
    columns = {group.column(n).path_in_schema: group.column(n).statistics for n in range(group.num_columns)}
    assert (columns["_offset"].min, columns["_offset"].max) == (0, 2)
    assert [name for name, statistics in columns.items() if statistics is None] == ["payload"]


def test_rows_keep_their_order_and_values_over_row_groups() -> None:
    file = ParquetObject(SCHEMA)
    tables = []
    for start in (0, 5, 6):
        rows = [dict.fromkeys(SCHEMA.names) | {"_offset": n} for n in range(start, start + 3)]
        tables.append(pa.Table.from_pylist(rows, SCHEMA))
        file.add(tables[-1])
        file.squeeze()
    body = file.finish({"backbeat-content-hash": "0"})
    read = pq.read_table(pa.BufferReader(body))
    assert read.cast(SCHEMA).equals(pa.concat_tables(tables))
    assert pq.read_metadata(pa.BufferReader(body)).num_row_groups == len(tables)
