"""The content hash of records, from the columns of an object: their bytes are had back from the texts."""

from __future__ import annotations

import json
from base64 import b64decode

import pyarrow as pa
import pyarrow.compute as pc

from consumer.batch import ESCAPE
from consumer.compact.rows import Rows
from consumer.digest import Digest
from consumer.judge import REJECTED_HEADER

_COLUMNS = ["_offset", "_timestamp", "_key", "payload", "error", "_headers"]
_BASE64 = "not_utf8"


def content_hash(rows: Rows) -> str:
    """The hash of `rows`, in one pass, a row group at a time."""
    digest = Digest()
    for table in rows.tables(_COLUMNS):
        offsets, times, headers = (_one(table[name]) for name in ("_offset", "_timestamp", "_headers"))
        texts = _keys(table), _values(table), headers.cast(pa.binary())
        digest.add(offsets.to_numpy(), times.cast(pa.int64()), *texts)
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
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
