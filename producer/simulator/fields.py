"""A column of events as JSON renders it: of fixed width, of few kinds, or loose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import orjson
import pyarrow as pa
from pyarrow import compute

from producer.simulator.arrays import Ints
from producer.simulator.coded import Digits, codes, fixed_text

# Numbers below this are kinds of their own.
_FEW = 1_000
_QUOTE, _BACKSLASH, _FIRST_PLAIN = ord('"'), ord("\\"), 32


@dataclass(frozen=True)
class Repeated:
    """A field of few kinds: the number of each row's kind (n,), and the text of each where that is not it.

    `quotes`: the texts are text, not JSON.
    """

    MANY: ClassVar[int] = 2**31  # as many kinds as this: each row is rendered by itself

    name: str
    values: Ints
    kinds: int
    texts: pa.StringArray | None = None
    quotes: bool = True

    def json(self, rows: Ints | None) -> pa.StringArray:
        """The JSON of some of its rows; None: of all."""
        found = pa.array(self.values if rows is None else self.values[rows])
        if self.texts is None:
            return found.cast(pa.string())
        return quoted(self.texts.take(found)) if self.quotes else self.texts.take(found)

    def follows(self, share: Ints) -> bool:
        """Whether each row has the value of the row (n,) that it shares others with."""
        return bool((self.values == self.values[share]).all())


@dataclass(frozen=True)
class Fixed:
    """A field whose text is as wide in every row: its characters (n, width); none needs an escape."""

    name: str
    characters: Digits


@dataclass(frozen=True)
class Loose:
    """Any other field: its JSON."""

    name: str
    texts: pa.StringArray


Field = Repeated | Fixed | Loose


def field(name: str, column: pa.Array, known: Digits | None) -> Field:
    """The column as it is rendered; `known` are its characters where they are known."""
    if known is not None:
        return Loose(name, quoted(text(column, known))) if column.null_count else Fixed(name, known)
    if pa.types.is_dictionary(column.type):
        numbers, texts = codes(column)
        return Repeated(name, numbers, len(texts), texts)
    if pa.types.is_boolean(column.type) and not column.null_count:
        answers = pa.array(["false", "true"])
        return Repeated(name, column.cast(pa.int64()).to_numpy(), 2, answers, quotes=False)
    if pa.types.is_integer(column.type) and not column.null_count:
        values = column.cast(pa.int64()).to_numpy()
        return Repeated(name, values, _kinds(values))
    found = column.cast(pa.string())
    return (
        _texts(name, found) if pa.types.is_large_string(column.type) else Loose(name, found.fill_null("null"))
    )


def text(column: pa.Array, known: Digits) -> pa.StringArray:
    """The characters `known` as text, null where `column` is."""
    if not column.null_count:
        return fixed_text(known)
    return compute.if_else(column.is_valid(), fixed_text(known), pa.scalar(None, pa.string()))


def quoted(texts: pa.StringArray) -> pa.StringArray:
    """Each text as JSON."""
    if _plain(texts):
        return compute.binary_join_element_wise('"', texts, '"', "").fill_null("null")
    return pa.array([orjson.dumps(one).decode() for one in texts.to_pylist()], pa.string())


def _kinds(values: Ints) -> int:
    most = int(values.max(initial=0))
    return most + 1 if int(values.min(initial=0)) >= 0 and most < _FEW else Repeated.MANY


def _texts(name: str, texts: pa.StringArray) -> Field:
    if not texts.null_count and len(texts) and _plain(texts):
        bounds, characters = _raw(texts)
        width = int(bounds[1] - bounds[0])
        if width and (np.diff(bounds) == width).all():
            return Fixed(name, characters.reshape(-1, width))
    return Loose(name, quoted(texts))


def _plain(texts: pa.StringArray) -> bool:
    """Whether no character needs an escape."""
    _, raw = _raw(texts)
    return not ((raw == _QUOTE).any() or (raw == _BACKSLASH).any() or (raw < _FIRST_PLAIN).any())


def _raw(texts: pa.StringArray) -> tuple[Ints, Digits]:
    """Where each text ends (n + 1,), and their bytes."""
    _, offsets, held = texts.buffers()
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    raw = np.frombuffer(held or b"", np.uint8)[bounds[0] : bounds[-1]]
    return bounds.astype(np.int64) - bounds[0], raw
