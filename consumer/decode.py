"""Kafka records to the Arrow table of a bronze object: one row each, whatever they hold.

What certainly fits is read as columns by the sieve; the rest is judged one by one by the event classes
themselves, so that both ways together give what the classes alone would.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
import pyarrow as pa
from pyarrow import compute

from consumer.batch import ESCAPE, Batch, Headers, as_text, header_text
from consumer.judge import Verdict, judge, refusal
from consumer.payloads import Numbers
from consumer.sieve import Sieved, sieve
from contracts.arrow import TIMESTAMP, bronze_schema

# Decoding holds the interpreter lock anyway, and the sieve learns from what it sees.
_one_decoder = Lock()


def decode(batch: Batch) -> pa.Table:
    """The rows of `batch` in the schema `bronze_schema(batch.topic)`, in offset order.

    Never raises for what a record holds: a payload that does not fit has its reason in `error` and
    null in every column of the contract. Quickest with some thousand rows, a few MB, at a time.
    """
    texts = _texts(batch.values)
    with _one_decoder:
        sieved = sieve(batch.topic, _not_refused(texts, batch.headers).cast(pa.binary()))
    rest = sieved.rest.tolist()
    doubtful = batch.values.take(pa.array(sieved.rest)).to_pylist()
    verdict = judge(batch.topic, doubtful, [batch.headers[row] for row in rest])
    judged = [
        _replaced(texts, sieved.rest, verdict.payloads),
        _replaced(pa.nulls(len(batch), pa.string()), sieved.rest, verdict.errors),
    ]
    schema = bronze_schema(batch.topic)
    return pa.Table.from_arrays([*_typed(sieved, verdict), *judged, *_coordinates(batch)], schema=schema)


def record_columns(batch: Batch) -> list[pa.Array]:
    """What the sink adds to the contract's columns, of records whose payloads all fit it."""
    return [batch.values.cast(pa.string()), pa.nulls(len(batch), pa.string()), *_coordinates(batch)]


def _coordinates(batch: Batch) -> list[pa.Array]:
    return [
        pa.repeat(batch.topic, len(batch)),
        pa.repeat(pa.scalar(batch.partition, pa.int32()), len(batch)),
        pa.array(batch.offsets),
        batch.timestamps.view(TIMESTAMP),
        _keys(batch.keys),
        _headers(batch.headers),
    ]


def _not_refused(texts: pa.StringArray, headers: Sequence[Headers | None]) -> pa.StringArray:
    """The texts, without those that an importer has refused itself."""
    if not any(headers):
        return texts
    refused = [bool(heads) and refusal(heads or ()) is not None for heads in headers]
    return compute.if_else(pa.array(refused), pa.scalar(None, pa.string()), texts)


def _typed(sieved: Sieved, verdict: Verdict) -> list[pa.Array]:
    """The contract's columns: the sieve's, with the judged rows put in where any of them fits."""
    if not verdict.accepted:
        return sieved.columns
    rows = len(sieved.columns[0])
    order = np.arange(rows)
    order[sieved.rest] = np.arange(rows, rows + len(sieved.rest))
    both = zip(sieved.columns, verdict.columns, strict=True)
    return [pa.concat_arrays([quick, slow]).take(pa.array(order)) for quick, slow in both]


def _replaced(column: pa.StringArray, rows: Numbers, values: Sequence[str | None]) -> pa.StringArray:
    if not len(rows):
        return column
    mask = np.zeros(len(column), np.bool_)
    mask[rows] = True
    return compute.replace_with_mask(column, pa.array(mask), pa.array(values, pa.string()))


def _keys(keys: pa.BinaryArray) -> pa.StringArray:
    texts = _texts(keys)
    plain = compute.invert(compute.starts_with(texts, ESCAPE))
    if texts.null_count == keys.null_count and compute.all(plain).as_py() is not False:
        return texts
    return pa.array([as_text(key) for key in keys.to_pylist()], pa.string())


def _headers(headers: Sequence[Headers | None]) -> pa.StringArray:
    if not any(headers):
        return pa.nulls(len(headers), pa.string())
    return pa.array([header_text(heads) if heads else None for heads in headers], pa.string())


def _texts(raw: pa.BinaryArray) -> pa.StringArray:
    """UTF-8 as text; null for what is none."""
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([None if one is None else _text(one) for one in raw.to_pylist()], pa.string())


def _text(one: bytes) -> str | None:
    try:
        return one.decode()
    except UnicodeDecodeError:
        return None
