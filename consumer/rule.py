"""What a field's value must be, as the stencils check it: rendered from the event classes, never wider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any
from uuid import UUID

import msgspec.inspect as shapes

from contracts.arrow import TIMESTAMP, event_schema
from contracts.events import TOPICS
from contracts.shape import decoder


class Kind(Enum):
    """How a value is read."""

    TEXT = "text"
    ID = "id"
    TIME = "time"
    INTEGER = "integer"
    TRUTH = "truth"


@dataclass(frozen=True)
class Rule:
    """Bounds of a value, both included; None: unbounded. `least` and `most` of a text are lengths."""

    kind: Kind
    required: bool
    nullable: bool
    least: int | None = None
    most: int | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()


@cache
def rules(topic: str) -> Mapping[str, Rule]:
    """The rule of each field of `topic`, in the schema's order."""
    shape = shapes.type_info(decoder(topic).type)
    if not isinstance(shape, shapes.StructType):
        raise TypeError(f"{topic} is decoded into no struct")
    return {field.name: _rule(topic, field) for field in shape.fields}


def _rule(topic: str, field: shapes.Field) -> Rule:
    kind, nullable = field.type, False
    if isinstance(kind, shapes.UnionType):
        (kind,) = [each for each in kind.types if not isinstance(each, shapes.NoneType)]
        nullable = True
    match kind:
        case shapes.BoolType():
            return Rule(Kind.TRUTH, field.required, nullable)
        case shapes.IntType(ge=least, le=most):
            return Rule(Kind.INTEGER, field.required, nullable, least, most)
        case shapes.LiteralType(values=choices):
            words = tuple(str(choice) for choice in choices)
            return Rule(Kind.TEXT, field.required, nullable, choices=words)
        case shapes.StrType(min_length=least, max_length=most, pattern=pattern):
            return Rule(_text(topic, field.name), field.required, nullable, least, most, pattern)
    raise TypeError(f"no rule is rendered for {kind!r}")


def _text(topic: str, name: str) -> Kind:
    if _is_id(TOPICS[topic].model_fields[name].annotation):
        return Kind.ID
    return Kind.TIME if event_schema(topic).field(name).type == TIMESTAMP else Kind.TEXT


def _is_id(annotation: Any) -> bool:
    inner = getattr(annotation, "__args__", (annotation,))
    return UUID in inner and set(inner) <= {UUID, NoneType}
