"""The msgspec type of an event, rendered from its class: never wider than the class itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import msgspec
from annotated_types import Ge, Lt, MaxLen, MinLen
from pydantic import AwareDatetime, BeforeValidator, StringConstraints
from pydantic.fields import FieldInfo
from pydantic.types import Strict

from contracts.events import TOPICS

# Texts that stand for something else; whoever reads them checks their form.
_TEXTS = (UUID, AwareDatetime)


@cache
def decoder(topic: str) -> msgspec.json.Decoder[Any]:
    """Decodes a payload of `topic`, or raises what msgspec raises; times and ids stay text."""
    required, optional = [], []
    for name, field in TOPICS[topic].model_fields.items():
        kind = _render(field.annotation, field.metadata)
        if field.is_required():
            required.append((name, kind))
        else:
            optional.append((name, kind, field.default))
    # Nothing in an event refers back to it: the collector need not know of millions of them.
    return msgspec.json.Decoder(
        msgspec.defstruct(topic, [*required, *optional], gc=False, omit_defaults=True)
    )


def _render(annotation: Any, metadata: Sequence[Any]) -> Any:
    """The type of a field; TypeError for what has no rendering, so that nothing is let through by mistake."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _render(inner, [*more, *metadata])
    if origin in (Union, UnionType):
        (inner,) = [arg for arg in get_args(annotation) if arg is not NoneType]
        return _render(inner, metadata) | None
    if origin is Literal:
        return annotation
    if annotation in _TEXTS:
        return str
    if annotation not in (str, int, bool):
        raise TypeError(f"no msgspec type is rendered for {annotation!r}")
    bounds = _bounds(metadata)
    return Annotated[annotation, msgspec.Meta(**bounds)] if bounds else annotation


def _bounds(metadata: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for limit in metadata:
        match limit:
            case FieldInfo():
                found |= _bounds(limit.metadata)
            case StringConstraints():
                found |= _text_bounds(limit)
            case MinLen():
                found["min_length"] = limit.min_length
            case MaxLen():
                found["max_length"] = limit.max_length
            case Ge():
                found["ge"] = limit.ge
            case Lt():
                # msgspec's own bounds are 64 bits wide: 2**63 itself cannot be named.
                found["le"] = int(str(limit.lt)) - 1
            case Strict() | BeforeValidator():
                pass  # msgspec converts nothing; a text is read as text
            case _:
                raise TypeError(f"no msgspec bound is rendered for {limit!r}")
    return found


def _text_bounds(limit: StringConstraints) -> dict[str, Any]:
    found: dict[str, Any] = {"min_length": limit.min_length, "max_length": limit.max_length}
    if limit.pattern:
        # Python's $ also matches before a last line break; Pydantic's does not.
        found["pattern"] = str(limit.pattern).removesuffix("$") + r"\Z"
    return {name: value for name, value in found.items() if value is not None}
