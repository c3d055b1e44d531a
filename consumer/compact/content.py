"""The content hash of records, from the columns of an object: what `Batch.content_hash` is of them."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from consumer.batch import ESCAPE
from consumer.compact.rows import Rows
from consumer.judge import REJECTED_HEADER

_ABSENT = -(2**63)
_BASE64 = "not_utf8"

# Gives the bytes of one framed column for each row of a table; null where there are none.
Framed = Callable[[pa.Table], pa.Array]


def content_hash(rows: Rows) -> str:
    """The hash of `rows`; one pass over each column, two over those whose values differ in length."""
    digest = sha256()
    for table in rows.tables(["_offset"]):
        digest.update(_int64(table["_offset"]))
    for table in rows.tables(["_timestamp"]):
        digest.update(_int64(table["_timestamp"].cast(pa.int64()).fill_null(_ABSENT)))
    for columns, framed in _FRAMED:
        for table in rows.tables(columns):
            lengths = pc.binary_length(framed(table)).cast(pa.int64())
            digest.update(_int64(lengths.fill_null(-1)))
        for table in rows.tables(columns):
            digest.update(_joined(framed(table)))
    return digest.hexdigest()


def _keys(table: pa.Table) -> pa.Array:
    keys = _one(table["_key"])
    if not pc.any(pc.starts_with(keys, ESCAPE)).as_py():
        return keys.cast(pa.binary())
    return pa.array([_unescaped(key) for key in keys.to_pylist()], pa.binary())


def _values(table: pa.Table) -> pa.Array:
    """The payloads' bytes: text, but base64 where the sink (not an importer) says `not_utf8`."""
    payloads, errors = _one(table["payload"]), _one(table["error"])
    if not pc.any(pc.starts_with(errors, _BASE64)).as_py():
        return payloads.cast(pa.binary())
    values = []
    for payload, error, headers in zip(
        payloads.to_pylist(), errors.to_pylist(), table["_headers"].to_pylist(), strict=True
    ):
        coded = error is not None and error.startswith(_BASE64) and _refusal(headers) != error
        values.append(b64decode(payload) if coded and payload is not None else _encoded(payload))
    return pa.array(values, pa.binary())


def _headers(table: pa.Table) -> pa.Array:
    return _one(table["_headers"]).cast(pa.binary())


_FRAMED: tuple[tuple[list[str], Framed], ...] = (
    (["_key"], _keys),
    (["payload", "error", "_headers"], _values),
    (["_headers"], _headers),
)


def _refusal(headers: str | None) -> str | None:
    """What an importer said in the record's headers: it stands in `error` word for word."""
    said = json.loads(headers).get(REJECTED_HEADER) if headers else None
    first = said[0] if isinstance(said, list) else said
    return (_unescaped(first) or b"").decode(errors="replace") if first is not None else None


def _unescaped(text: str | None) -> bytes | None:
    if text is not None and text.startswith(ESCAPE):
        return b64decode(text.removeprefix(ESCAPE))
    return _encoded(text)


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [_none(column)])


def _none(column: pa.ChunkedArray) -> pa.Array:
    return pa.array([], column.type)


def _int64(column: pa.Array | pa.ChunkedArray) -> bytes:
    return np.asarray(column.to_numpy()).astype("<i8").tobytes()


def _joined(column: pa.Array) -> memoryview:
    """All values one after the other, without looking at each."""
    held = column.drop_null()
    _, edges, data = held.buffers()
    if not len(held) or data is None:
        return memoryview(b"")
    places = np.frombuffer(edges, "<i4")[held.offset : held.offset + len(held) + 1]
    return memoryview(data)[places[0] : places[-1]]
