"""A bronze object of rows whose columns are known: the sink's Parquet, from columns that hold text by number.

Texts that repeat come with their numbers, so that no dictionary has to be found by comparing them; of
each dictionary an object gets the texts that its rows have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import compute

from consumer.parquet import LEVEL, ROW_GROUP, ROW_GROUP_BYTES, WITHOUT_STATISTICS, repeats

# Nobody looks for a range of random digits.
_RANDOM = frozenset({"event_id", "play_id", "session_id"})


def encode_columns(names: Sequence[str], columns: Sequence[pa.Array], metadata: Mapping[str, str]) -> memoryview:
    """The Parquet file of equally long columns, with `metadata` in its footer.

    It is read back as any other of its topic: whether a column came as a dictionary is not written down.
    """
    table = pa.table([_needed(column) for column in columns], names=list(names))
    repeated = [name for name in names if _has_dictionary(table[name])]
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        table.schema,
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=repeated,
        write_statistics=[name for name in names if name not in WITHOUT_STATISTICS | _RANDOM],
        store_schema=False,
    ) as writer:
        size = max(table.nbytes // max(len(table), 1), 1)
        writer.write_table(table, row_group_size=max(1, min(ROW_GROUP, ROW_GROUP_BYTES // size)))
        writer.add_key_value_metadata(dict(metadata))
    return memoryview(sink.getvalue())


def replaced(column: pa.Array, rows: np.ndarray, values: pa.Array) -> pa.Array:
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


def _needed(column: pa.Array) -> pa.Array:
    """A dictionary without the texts that no row has; any other column as it is."""
    if not pa.types.is_dictionary(column.type):
        return column
    kinds = len(column.dictionary)
    codes = column.indices.fill_null(kinds).to_numpy()
    there = np.zeros(kinds + 1, np.bool_)
    there[codes] = True
    numbers = (np.cumsum(there) - 1).astype(np.int32)
    absent = codes == kinds if column.null_count else None
    texts = column.dictionary.filter(pa.array(there[:kinds]))
    return pa.DictionaryArray.from_arrays(pa.array(numbers[codes], mask=absent), texts)


def _has_dictionary(column: pa.ChunkedArray) -> bool:
    return pa.types.is_dictionary(column.type) or repeats(column)
