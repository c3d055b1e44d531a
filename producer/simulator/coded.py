"""Text by number: columns of few different texts hold numbers until they are sent.

A polars Enum is a number in every row and the texts once: sorting, filtering and copying events then moves
numbers. Ids are 64 random bits in every row, and hexadecimal digits only on the wire.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from producer.simulator.arrays import Ints

Digits = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.uint64]

# The two digits of every byte, as one number of 16 bits.
_PAIRS = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint16)


def numbered(texts: Iterable[str | None]) -> pl.Series:
    """A column of `texts`, which may repeat, by number."""
    series = pl.Series(list(texts), dtype=pl.String)
    return series.cast(pl.Enum(series.drop_nulls().unique(maintain_order=True)))


def coded(frame: pl.DataFrame) -> pl.DataFrame:
    """The same with every text by number."""
    texts = frame.select(pl.col(pl.String))
    return frame.with_columns(**{column.name: numbered(column) for column in texts})


def arrow(events: pl.DataFrame) -> dict[str, pa.Array]:
    """The columns as Arrow has them, text by number as dictionaries.

    All at once: to ask polars for one column's Enum costs as much as there are texts.
    """
    table = events.to_arrow(compat_level=pl.CompatLevel.oldest())
    return {name: table[name].combine_chunks() for name in table.column_names}


def codes(column: pa.DictionaryArray) -> tuple[Ints, pa.StringArray]:
    """(n,) the number of each row's text, and the texts; null is one more text at their end."""
    numbers, texts = column.indices.cast(pa.int64()), column.dictionary.cast(pa.string())
    if not column.null_count:
        return numbers.to_numpy(), texts
    return numbers.fill_null(len(texts)).to_numpy(), pa.concat_arrays([texts, pa.nulls(1, pa.string())])


def hexadecimal(numbers: Numbers) -> Digits:
    """(n, 16) ASCII digits of (n,) numbers."""
    raw = numbers.astype(">u8").view(np.uint8).reshape(-1, 8)
    return _PAIRS[raw].view(np.uint8)


def fixed_text(characters: Digits) -> pa.StringArray:
    """(n, width) ASCII codes as n strings, without a copy."""
    count, width = characters.shape
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(width)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(characters))]
    return pa.Array.from_buffers(pa.string(), count, buffers)


def text_series(characters: Digits) -> pl.Series:
    """(n, width) ASCII codes as a column, without a Python object for each."""
    series = pl.from_arrow(fixed_text(characters))
    assert isinstance(series, pl.Series)  # noqa: S101 - from_arrow types both of its results as one
    return series
