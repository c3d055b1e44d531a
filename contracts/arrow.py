"""The Arrow schema of a bronze object, rendered from the event classes."""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import pyarrow as pa
from pydantic import AwareDatetime

from contracts.events import TOPICS

TIMESTAMP = pa.timestamp("ms", tz="UTC")

_ARROW_TYPES: dict[Any, pa.DataType] = {
    str: pa.string(),
    UUID: pa.string(),
    int: pa.int64(),
    bool: pa.bool_(),
    AwareDatetime: TIMESTAMP,
}

# What the sink adds to the contract's columns. `payload` holds the exact bytes received, as text;
# `error` says why they did not fit the contract, and then every typed column is null.
RECORD_FIELDS: dict[str, tuple[pa.DataType, str]] = {
    "payload": (pa.string(), "The exact bytes received, as text."),
    "error": (pa.string(), "Why the payload did not fit the contract; null when it did."),
    "_topic": (pa.string(), "Kafka topic."),
    "_partition": (pa.int32(), "Kafka partition."),
    "_offset": (pa.int64(), "Kafka offset."),
    "_timestamp": (TIMESTAMP, "The broker's timestamp of the record (UTC)."),
    "_key": (pa.string(), "Kafka key, as text."),
    "_headers": (pa.string(), "Kafka headers, a JSON object; null when there were none."),
}


def _arrow_type(annotation: Any) -> pa.DataType:
    """The Arrow type of a field's annotation; raises TypeError for one the contract does not use."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _arrow_type(get_args(annotation)[0])
    if origin in (Union, UnionType):
        (inner,) = [arg for arg in get_args(annotation) if arg is not NoneType]
        return _arrow_type(inner)
    if origin is Literal:
        return pa.string()
    try:
        return _ARROW_TYPES[annotation]
    except KeyError:
        raise TypeError(f"no Arrow type is defined for {annotation!r}") from None


@cache
def event_schema(topic: str) -> pa.Schema:
    """The contract's own columns of `topic`, all nullable."""
    fields = TOPICS[topic].model_fields.items()
    return pa.schema([pa.field(name, _arrow_type(field.annotation)) for name, field in fields])


@cache
def bronze_schema(topic: str) -> pa.Schema:
    """The columns of a bronze object of `topic`: the contract's, then the record's."""
    record = [pa.field(name, kind) for name, (kind, _) in RECORD_FIELDS.items()]
    return pa.schema([*event_schema(topic), *record])
