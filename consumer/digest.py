"""The content hash: of the records, not of any file; what a finisher with other code must match."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

from consumer.batch import Batch, header_text

_ABSENT_TIME = -(2**63)
_ABSENT = -1
_COLUMNS = 8


class Digest:
    """SHA-256 of a run of records, fed in batches: how they are divided does not matter.

    Each of eight columns has a hash of its own: offsets, timestamps, then lengths and bytes of the keys, of
    the values and of the headers as text. Numbers are 64 bits wide, little-endian; an absent timestamp
    is -2^63, the length of an absent text -1. The hash of these hashes, in this order, is the content's.
    """

    def __init__(self) -> None:
        self._hashes = [sha256() for _ in range(_COLUMNS)]

    def update(self, batch: Batch) -> None:
        """Add the records of `batch`, which follow those added before."""
        headers = pa.array([header_text(h) if h else None for h in batch.headers], pa.binary())
        self.add(batch.offsets, batch.timestamps, batch.keys, batch.values, headers)

    def add(
        self,
        offsets: npt.NDArray[np.int64],
        timestamps: pa.Int64Array,
        *texts: pa.BinaryArray,
    ) -> None:
        """Add records column by column; `texts` are keys, values and headers, each as the bytes received."""
        parts = [
            offsets.astype("<i8"),
            timestamps.fill_null(_ABSENT_TIME).to_numpy().astype("<i8"),
            *(part for column in texts for part in _framed(column)),
        ]
        for each, part in zip(self._hashes, parts, strict=True):
            each.update(part)

    def hexdigest(self) -> str:
        """The hash of all that was added."""
        return sha256(b"".join(each.digest() for each in self._hashes)).hexdigest()


def content_hash(batches: Iterable[Batch]) -> str:
    """The content hash of batches that follow each other."""
    digest = Digest()
    for batch in batches:
        digest.update(batch)
    return digest.hexdigest()


def _framed(column: pa.BinaryArray) -> tuple[npt.NDArray[np.int64], memoryview]:
    """Lengths and bytes of the texts."""
    lengths = compute.binary_length(column).cast(pa.int64()).fill_null(_ABSENT).to_numpy()
    held = column.drop_null() if column.null_count else column
    _, offsets, data = held.buffers()
    if not len(held) or data is None:
        return lengths, memoryview(b"")
    bounds = np.frombuffer(offsets, np.int32)[held.offset : held.offset + len(held) + 1]
    return lengths, memoryview(data)[bounds[0] : bounds[-1]]
