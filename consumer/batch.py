"""A contiguous range of one Kafka partition, column by column, exactly as received."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

from consumer.stencil import LONGEST

Headers = Sequence[tuple[str, bytes | None]]
ESCAPE = "base64:"
_ROOM = bytes(LONGEST)


@dataclass(frozen=True)
class Batch:
    """Records of `topic`/`partition` in the order of their offsets; each column has one entry per record.

    `timestamps` (int64) are the broker's in epoch ms, null where it gave none; `keys` and `values` are
    binary. `last_epoch` is the leader epoch of the last record, where the client tells it.
    """

    topic: str
    partition: int
    offsets: npt.NDArray[np.int64]
    timestamps: pa.Int64Array
    keys: pa.BinaryArray
    values: pa.BinaryArray
    headers: Sequence[Headers | None]
    last_epoch: int | None = None

    def __len__(self) -> int:
        return len(self.offsets)

    @property
    def payload_bytes(self) -> int:
        """Bytes of the values."""
        found: int = compute.sum(compute.binary_length(self.values)).as_py() or 0
        return found

    def take(self, rows: npt.NDArray[np.int64]) -> Batch:
        """The records at the positions `rows`."""
        chosen = pa.array(rows)
        return replace(
            self,
            offsets=self.offsets[rows],
            timestamps=self.timestamps.take(chosen),
            keys=self.keys.take(chosen),
            values=self.values.take(chosen),
            headers=[self.headers[row] for row in rows.tolist()],
        )

    def last(self) -> Batch:
        """The last record alone."""
        last = len(self) - 1
        return replace(
            self,
            offsets=self.offsets[last:],
            timestamps=self.timestamps.slice(last),
            keys=self.keys.slice(last),
            values=self.values.slice(last),
            headers=self.headers[last:],
        )


@dataclass
class Records:
    """Records as they come, one list a column; what they mean is said at `Batch`."""

    topic: str
    partition: int
    offsets: list[int] = field(default_factory=list)
    timestamps: list[int | None] = field(default_factory=list)
    keys: list[bytes | None] = field(default_factory=list)
    values: list[bytes | None] = field(default_factory=list)
    headers: list[Headers | None] = field(default_factory=list)
    last_epoch: int | None = None

    def __len__(self) -> int:
        return len(self.offsets)

    def batch(self) -> Batch:
        """The same as columns; the payloads must not exceed 2 GiB together."""
        return Batch(
            self.topic,
            self.partition,
            np.array(self.offsets, np.int64),
            pa.array(self.timestamps, pa.int64()),
            _binary(self.keys),
            _binary(self.values),
            self.headers,
            self.last_epoch,
        )


def _binary(texts: Sequence[bytes | None]) -> pa.BinaryArray:
    """The texts as a column, in one buffer of the right size at once: to let it grow costs as much again."""
    if None in texts:
        return pa.array(texts, pa.binary())
    whole = [text for text in texts if text is not None]
    bounds = np.zeros(len(whole) + 1, np.int32)
    np.cumsum([len(text) for text in whole], out=bounds[1:])
    # With room behind it, which the cutter would have to copy it for.
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(b"".join([*whole, _ROOM]))]
    return pa.Array.from_buffers(pa.binary(), len(whole), buffers)


def as_text(raw: bytes | None) -> str | None:
    """Text that gives back the bytes: UTF-8 as it is, anything else as `base64:…`."""
    if raw is None:
        return None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return ESCAPE + b64encode(raw).decode()
    # Text that looks like the escape is escaped too, or two keys could become one.
    return ESCAPE + b64encode(raw).decode() if text.startswith(ESCAPE) else text


def header_text(headers: Headers) -> str:
    """Kafka headers as a JSON object; a name that repeats has the list of its values."""
    grouped: dict[str, list[str | None]] = {}
    for name, value in headers:
        grouped.setdefault(name, []).append(as_text(value))
    flat = {name: values[0] if len(values) == 1 else values for name, values in grouped.items()}
    return json.dumps(flat, ensure_ascii=False)
