"""A bronze object of rows whose columns are known: the sink's Parquet, from columns that hold text by number.

Texts that repeat come with their numbers, so that no dictionary has to be found by comparing them; of
each dictionary an object gets the texts that its rows have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import compute

from consumer.parquet import LEVEL, ROW_GROUP, ROW_GROUP_BYTES
from consumer.payloads import Numbers

# Of other columns those whose values repeat within an hour; the others would only be compared in vain.
_REPEATED = frozenset(
    {"schema_version", "user_id", "session_id", "http_status", "duration_ms", "_partition", "_key"}
)
# So few texts are not worth looking which of them an object has.
_FEW = 32


def encode_columns(
    names: Sequence[str], columns: Sequence[pa.Array], metadata: Mapping[str, str]
) -> memoryview:
    """The Parquet file of equally long columns, with `metadata` in its footer.

    It is read back as any other of its topic: whether a column came as a dictionary is not written down.
    """
    table = pa.table([_needed(column) for column in columns], names=list(names))
    repeated = [name for name in names if name in _REPEATED or _is_dictionary(table.schema.field(name).type)]
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        table.schema,
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=repeated,
        write_statistics=[name for name in names if not _is_text(table.schema.field(name).type)],
        store_schema=False,
    ) as writer:
        size = max(table.nbytes // max(len(table), 1), 1)
        writer.write_table(table, row_group_size=max(1, min(ROW_GROUP, ROW_GROUP_BYTES // size)))
        writer.add_key_value_metadata(dict(metadata))
    return memoryview(sink.getvalue())


def blanked(column: pa.Array, rows: Numbers) -> pa.Array:
    """The column without its values at the positions `rows`; nothing is copied but which values there are."""
    there = np.ones(column.offset + len(column), np.bool_)
    if column.null_count:
        there[column.offset :] = column.is_valid().to_numpy(zero_copy_only=False)
    there[column.offset + rows] = False
    if not pa.types.is_dictionary(column.type):
        return _with_validity(column, there)
    return pa.DictionaryArray.from_arrays(_with_validity(column.indices, there), column.dictionary)


def same(column: pa.Array, rows: Numbers, values: pa.Array) -> bool:
    """Whether the column has these `values` at the positions `rows`."""
    found = column.take(pa.array(rows))
    if pa.types.is_dictionary(column.type):
        found = found.dictionary_decode()
    return bool(found.equals(values))


def replaced(column: pa.Array, rows: Numbers, values: pa.Array) -> pa.Array:
    """The column with other `values` at the positions `rows`."""
    mask = np.zeros(len(column), np.bool_)
    mask[rows] = True
    if not pa.types.is_dictionary(column.type):
        return compute.replace_with_mask(column, pa.array(mask), values)
    both = pa.concat_arrays([column.dictionary, values]).dictionary_encode()
    kinds = len(column.dictionary)
    codes = compute.replace_with_mask(
        column.indices, pa.array(mask), pa.array(np.arange(kinds, kinds + len(values)), pa.int32())
    )
    return pa.DictionaryArray.from_arrays(both.indices.take(codes), both.dictionary)


def _with_validity(column: pa.Array, there: npt.NDArray[np.bool_]) -> pa.Array:
    buffers = [pa.py_buffer(np.packbits(there, bitorder="little")), *column.buffers()[1:]]
    return pa.Array.from_buffers(column.type, len(column), buffers, -1, column.offset)


def _needed(column: pa.Array) -> pa.Array:
    """A dictionary without the texts that no row has; any other column as it is."""
    if not pa.types.is_dictionary(column.type):
        return column
    kinds = len(column.dictionary)
    if kinds <= _FEW:
        return column
    codes = column.indices.fill_null(kinds).to_numpy()
    there = np.zeros(kinds + 1, np.bool_)
    there[codes] = True
    numbers = (np.cumsum(there) - 1).astype(np.int32)
    absent = codes == kinds if column.null_count else None
    texts = column.dictionary.filter(pa.array(there[:kinds]))
    return pa.DictionaryArray.from_arrays(pa.array(numbers[codes], mask=absent), texts)


def _is_text(kind: pa.DataType) -> bool:
    """Ids and titles stand in no order: nobody prunes by their least and greatest."""
    return bool(pa.types.is_string(kind)) or _is_dictionary(kind)


def _is_dictionary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind))
