"""Kafka records to the Arrow table of a bronze object: one row each, whatever they hold.

What certainly fits is read as columns by the sieve; the rest is judged one by one by the event classes
themselves, so that both ways together give what the classes alone would.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from consumer.batch import ESCAPE, Batch, Headers, as_text, header_text
from consumer.judge import Verdict, judge, refusal
from consumer.sieve import Sieved, sieve
from contracts.arrow import bronze_schema

# Rows decoded at a time: bounds what is alive at once to some tens of MB.
_SLICE = 10_000


def decode(batch: Batch) -> pa.Table:
    """The rows of `batch` in the schema `bronze_schema(batch.topic)`, in offset order.

    Never raises for what a record holds: a payload that does not fit has its reason in `error` and
    null in every column of the contract.
    """
    slices = [_decode_slice(batch, start) for start in range(0, len(batch), _SLICE)]
    return pa.concat_tables(slices) if slices else bronze_schema(batch.topic).empty_table()


def _decode_slice(batch: Batch, start: int) -> pa.Table:
    part = slice(start, start + _SLICE)
    values, headers = batch.values[part], batch.headers[part]
    sieved = sieve(batch.topic, _not_refused(values, headers))
    verdict = judge(batch.topic, [values[i] for i in sieved.rest], [headers[i] for i in sieved.rest])
    record = {
        "payload": _payloads(values, sieved, verdict),
        "error": _errors(len(values), sieved, verdict),
        "_topic": pa.repeat(batch.topic, len(values)),
        "_partition": pa.repeat(batch.partition, len(values)),
        "_offset": pa.array(batch.offsets[part]),
        "_timestamp": pa.array(batch.timestamps[part], pa.int64()),
        "_key": _keys(batch.keys[part]),
        "_headers": pa.array([None if h is None else header_text(h) for h in headers], pa.string()),
    }
    schema = bronze_schema(batch.topic)
    own = [column.cast(schema.field(name).type) for name, column in record.items()]
    return pa.Table.from_arrays([*_typed(sieved, verdict), *own], schema=schema)


def _not_refused(values: Sequence[bytes | None], headers: Sequence[Headers | None]) -> Sequence[bytes | None]:
    """The values, without those that an importer has refused itself."""
    if not any(headers):
        return values
    return [
        None if heads and refusal(heads) is not None else value
        for value, heads in zip(values, headers, strict=True)
    ]


def _typed(sieved: Sieved, verdict: Verdict) -> list[pa.Array]:
    """The contract's columns: the sieve's, with the judged rows put in where any of them fits."""
    if not verdict.accepted:
        return sieved.columns
    rows = len(sieved.columns[0])
    order = np.arange(rows)
    order[sieved.rest] = np.arange(rows, rows + len(sieved.rest))
    both = zip(sieved.columns, verdict.columns, strict=True)
    return [pa.concat_arrays([quick, slow]).take(pa.array(order)) for quick, slow in both]


def _payloads(values: Sequence[bytes | None], sieved: Sieved, verdict: Verdict) -> pa.Array:
    texts = _texts(values)
    return texts.scatter(sieved.rest, verdict.payloads).to_arrow() if sieved.rest else texts.to_arrow()


def _errors(rows: int, sieved: Sieved, verdict: Verdict) -> pa.Array:
    errors: list[str | None] = [None] * rows
    for index, error in zip(sieved.rest, verdict.errors, strict=True):
        errors[index] = error
    return pa.array(errors, pa.string())


def _keys(keys: Sequence[bytes | None]) -> pa.Array:
    texts = _texts(keys)
    escaped = (texts.is_null() | texts.str.starts_with(ESCAPE)).arg_true()
    if not len(escaped):
        return texts.to_arrow()
    return texts.scatter(escaped, [as_text(keys[index]) for index in escaped]).to_arrow()


def _texts(raw: Sequence[bytes | None]) -> pl.Series:
    """UTF-8 as text; null for what is none."""
    column = pl.Series(raw, dtype=pl.Binary)
    try:
        return column.cast(pl.String)
    except pl.exceptions.PolarsError:
        texts = [None if one is None else _text(one) for one in raw]
        return pl.Series(texts, dtype=pl.String)


def _text(one: bytes) -> str | None:
    try:
        return one.decode()
    except UnicodeDecodeError:
        return None
