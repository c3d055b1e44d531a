"""Texts of a fixed width and form, as rows of bytes: ids and times as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pyarrow as pa
from pyarrow import compute

from consumer.payloads import Octets, Truths
from consumer.times import existing

_KINDS = {"x": b"0123456789abcdef", "d": b"0123456789"}


@dataclass(frozen=True)
class Form:
    """Texts are looked at by pairs: `classes` says of what kind two bytes are, `kinds` which there must be.

    Three times as fast as byte by byte.
    """

    width: int
    classes: Octets
    kinds: bytes

    @classmethod
    def of(cls, picture: str) -> Form:
        """The form that `picture`, of even length, shows: x stands for a hexadecimal digit, d for a digit."""
        pairs = [picture[place : place + 2] for place in range(0, len(picture), 2)]
        numbers = {pair: number for number, pair in enumerate(dict.fromkeys(pairs), 1)}
        classes = np.zeros(2**16, np.uint8)
        for pair, number in numbers.items():
            for low, high in product(*(_KINDS.get(sign, sign.encode()) for sign in pair)):
                classes[low | high << 8] = number
        return cls(len(picture), classes, bytes(numbers[pair] for pair in pairs))

    def fits(self, octets: Octets) -> Truths:
        """Which of the texts, a row of `width` bytes each, have the form."""
        kinds = np.take(self.classes, octets.view("<u2")).view(f"S{len(self.kinds)}")
        found: Truths = kinds.ravel() == self.kinds
        return found


ID = Form.of("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
TIME = Form.of("dddd-dd-ddTdd:dd:dd.dddZ")


def texts(octets: Octets) -> pa.StringArray:
    """The texts as an Arrow column, not copied."""
    rows, width = octets.shape
    bounds = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    return pa.Array.from_buffers(pa.string(), rows, [None, pa.py_buffer(bounds), pa.py_buffer(octets)])


def times(octets: Octets) -> pa.TimestampArray:
    """The times that the texts say; null for a text that is not of the form, or says none that exists."""
    formed, written = TIME.fits(octets), texts(octets)
    if not formed.all():
        written = compute.if_else(pa.array(formed), written, pa.scalar(None, pa.string()))
    return existing(written)
