"""The verdict of the event classes on payloads, one by one: exact, and slower than the sieve."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any
from uuid import UUID

import pyarrow as pa
from pydantic import ValidationError

from consumer.batch import Headers
from contracts.arrow import event_schema
from contracts.events import TOPICS

REJECTED_HEADER = "backbeat-rejected"

Row = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """For each payload: the contract's columns (null where it does not fit), its text, and its error."""

    columns: list[pa.Array]
    payloads: list[str | None]
    errors: list[str | None]

    @property
    def accepted(self) -> bool:
        """Whether any of the payloads fits."""
        return None in self.errors


def judge(topic: str, values: Sequence[bytes | None], headers: Sequence[Headers | None]) -> Verdict:
    """Never raises for what a payload holds: one that does not fit has its reason in `errors`."""
    rows, payloads, errors = _read(topic, values, headers)
    try:
        columns = _columns(topic, rows)
    except (ValueError, OverflowError):
        _refuse_unfit(topic, rows, errors)
        columns = _columns(topic, rows)
    return Verdict(columns, payloads, errors)


def _read(
    topic: str, values: Sequence[bytes | None], headers: Sequence[Headers | None]
) -> tuple[list[Row], list[str | None], list[str | None]]:
    """Each value's fields (all null when it does not fit), its text, and its error."""
    validate = TOPICS[topic].__pydantic_validator__.validate_json
    nothing = _nothing(topic)
    rows: list[Row] = []
    payloads: list[str | None] = []
    errors: list[str | None] = []
    for value, heads in zip(values, headers, strict=True):
        row, error = nothing, None
        payload, problem = _text(value)
        if heads and (refused := refusal(heads)) is not None:
            error = f"{problem}; {refused}" if problem else refused
        elif problem or value is None:
            error = problem
        else:
            try:
                row = validate(value).__dict__
            except ValidationError as invalid:
                error = explain(invalid)
        rows.append(row)
        payloads.append(payload)
        errors.append(error)
    return rows, payloads, errors


def _text(value: bytes | None) -> tuple[str | None, str | None]:
    """The payload column's text, and what is wrong with it before anyone reads it as JSON."""
    if not value:
        return (None if value is None else ""), "empty_payload: no bytes"
    try:
        return value.decode(), None
    except UnicodeDecodeError:
        return b64encode(value).decode(), "not_utf8: payload is base64"


def refusal(headers: Headers) -> str | None:
    """An importer's own refusal, word for word."""
    for name, value in headers:
        if name == REJECTED_HEADER:
            return (value or b"").decode(errors="replace") or "import_unknown: no reason given"
    return None


def explain(invalid: ValidationError) -> str:
    """`<code>: <field or detail>` for each thing wrong, joined by semicolons; never an input's value."""
    parts: dict[str, None] = {}
    for problem in invalid.errors(include_url=False, include_context=False, include_input=False):
        kind, where = problem["type"], problem["loc"]
        if kind == "json_invalid":
            parts[f"not_json: {problem['msg'].removeprefix('Invalid JSON: ')}"] = None
        elif not where:
            parts["not_an_object: a JSON object is expected"] = None
        else:
            code = "missing_field" if kind == "missing" else "invalid_field"
            parts[f"{code}: {where[0]}"] = None
    return "; ".join(parts)


@cache
def _nothing(topic: str) -> Row:
    return dict.fromkeys(TOPICS[topic].model_fields)


@cache
def _is_uuid(topic: str, name: str) -> bool:
    return TOPICS[topic].model_fields[name].annotation is UUID


def _columns(topic: str, rows: Sequence[Row]) -> list[pa.Array]:
    """The contract's columns; raises ValueError or OverflowError when a value does not fit its type."""
    # Every row has every field, in the class's order, which is the schema's.
    columns = zip(*[row.values() for row in rows], strict=True) if rows else repeat(())
    return [
        pa.array(_uuid_texts(column) if _is_uuid(topic, field.name) else column, field.type)
        for field, column in zip(event_schema(topic), columns, strict=False)
    ]


def _uuid_texts(column: Sequence[UUID | None]) -> list[str | None]:
    return [None if value is None else str(value) for value in column]


def _refuse_unfit(topic: str, rows: list[Row], errors: list[str | None]) -> None:
    """Null the rows whose values the contract allows and a column cannot hold (an integer of 70 bits)."""
    for index, row in enumerate(rows):
        unfit = []
        for field in event_schema(topic):
            try:
                value = row[field.name]
                pa.array([str(value) if isinstance(value, UUID) else value], field.type)
            except (ValueError, OverflowError):
                unfit.append(f"invalid_field: {field.name}")
        if unfit:
            rows[index] = _nothing(topic)
            errors[index] = "; ".join(unfit)
