"""Records, as bytes: restored from the columns of a data object, or as Kafka gives them."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from consumer.audit.decision import Offsets
from contracts.arrow import RECORD_FIELDS

# The columns that say what a record was; of the contract's own one that no typed row can lack.
_TYPED = "event_id"
COLUMNS = [*RECORD_FIELDS, _TYPED]
_ABSENT_TIME, _ABSENT = -(2**63), -1
_REFUSAL = "backbeat-rejected"

# A header's name and all values it has, in order.
Headers = Mapping[str, Sequence[bytes | None]]


@dataclass(frozen=True)
class Records:
    """Records in some order: an offset, a time (epoch ms), a key, a value and headers for each."""

    offsets: Offsets
    times: Sequence[int | None]
    keys: Sequence[bytes | None]
    values: Sequence[bytes | None]
    headers: Sequence[Headers | None]

    def __len__(self) -> int:
        return len(self.offsets)

    def differing(self, other: Records) -> list[tuple[int, str]]:
        """Offset and name of what differs, for two lists of records at the same offsets."""
        found = []
        for name in ("value", "key", "headers", "time"):
            column = name if name == "headers" else f"{name}s"
            ours, theirs = getattr(self, column), getattr(other, column)
            if ours != theirs:
                places = [n for n, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
                found += [(int(self.offsets[n]), name) for n in places]
        return sorted(found)

    def at(self, offsets: Offsets) -> Records:
        """The records at `offsets`, which are all here; the first of those that share one."""
        order = np.argsort(self.offsets, kind="stable")
        places = order[np.searchsorted(self.offsets, offsets, sorter=order)]
        picked = [[column[n] for n in places] for column in self._columns()]
        return Records(self.offsets[places], *picked)

    def _columns(self) -> tuple[Sequence[Any], ...]:
        return self.times, self.keys, self.values, self.headers


@dataclass(frozen=True)
class DataObject:
    """A data object, read: its records and what it says about them beside the bytes."""

    records: Records
    header_texts: Sequence[bytes | None]
    places: set[tuple[str, int]]
    footer: Mapping[str, str]
    misjudged: Offsets

    def content_hash(self) -> str:
        """SHA-256 as the package's docstring writes it down."""
        times = [_ABSENT_TIME if time is None else time for time in self.records.times]
        parts = [self.records.offsets.astype("<i8").tobytes(), np.array(times, "<i8").tobytes()]
        for column in (self.records.keys, self.records.values, self.header_texts):
            lengths = [_ABSENT if item is None else len(item) for item in column]
            parts += [np.array(lengths, "<i8").tobytes(), b"".join(item for item in column if item)]
        return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()


def read_object(body: bytes) -> DataObject:
    """The data object in `body`; ValueError when it is not one."""
    file = _open(body)
    if missing := sorted(set(COLUMNS) - set(file.schema_arrow.names)):
        raise ValueError(f"it has no column {', '.join(missing)}")
    footer = {name.decode(): value.decode() for name, value in (file.metadata.metadata or {}).items()}
    return data_object(file.read(columns=COLUMNS), footer)


def data_object(table: pa.Table, footer: Mapping[str, str]) -> DataObject:
    """The rows of `table`, which has `COLUMNS`, restored; ValueError when they are none."""
    texts: list[str | None] = table["_headers"].to_pylist()
    errors: list[str | None] = table["error"].to_pylist()
    times: list[int | None] = table["_timestamp"].cast(pa.int64()).to_pylist()
    records = Records(
        _numbers(table["_offset"]),
        times,
        [_bytes(key) for key in table["_key"].to_pylist()],
        [_value(*row) for row in zip(table["payload"].to_pylist(), errors, texts, strict=True)],
        [_headers(text) for text in texts],
    )
    return DataObject(
        records,
        [None if text is None else text.encode() for text in texts],
        _places(table),
        footer,
        records.offsets[_misjudged(table)],
    )


def read_places(body: bytes) -> tuple[Offsets, set[tuple[str, int]]]:
    """Just the offsets of a data object and the (topic, partition) its rows name; ValueError as above."""
    table = _open(body)
    if missing := sorted({"_offset", "_topic", "_partition"} - set(table.schema_arrow.names)):
        raise ValueError(f"it has no column {', '.join(missing)}")
    found = table.read(columns=["_topic", "_partition", "_offset"])
    return _numbers(found["_offset"]), _places(found)


def _open(body: bytes) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(pa.BufferReader(body))
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError("it is not Parquet") from error


def _numbers(column: pa.ChunkedArray) -> Offsets:
    if column.null_count:
        raise ValueError("it has rows without an offset")
    return np.asarray(column.combine_chunks()).astype(np.int64)


def _places(table: pa.Table) -> set[tuple[str, int]]:
    found = table.select(["_topic", "_partition"]).group_by(["_topic", "_partition"]).aggregate([])
    return {(row["_topic"], row["_partition"]) for row in found.to_pylist()}


def _misjudged(table: pa.Table) -> Any:
    """Where a row is typed and has an error, or is neither."""
    typed, refused = pc.is_valid(table[_TYPED]), pc.is_valid(table["error"])
    return np.asarray(pc.equal(typed, refused).combine_chunks().to_numpy(zero_copy_only=False))


def _bytes(text: str | None) -> bytes | None:
    if text is None:
        return None
    return b64decode(text[7:]) if text.startswith("base64:") else text.encode()


def _value(payload: str | None, error: str | None, headers: str | None) -> bytes | None:
    """The value's bytes. An importer's refusal stands in `error` word for word: it may begin like ours."""
    if payload is None:
        return None
    base64 = error is not None and error.startswith("not_utf8") and not _is_refusal(error, headers)
    return b64decode(payload) if base64 else payload.encode()


def _is_refusal(error: str, headers: str | None) -> bool:
    refusals = (_headers(headers) or {}).get(_REFUSAL) or [b""]
    return (refusals[0] or b"").decode(errors="replace") == error


def _headers(text: str | None) -> Headers | None:
    if text is None:
        return None
    return {
        name: [_bytes(value) for value in (values if isinstance(values, list) else [values])]
        for name, values in json.loads(text).items()
    }
