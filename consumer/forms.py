"""Texts of a fixed width and form, as rows of bytes: ids and times as they are written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from consumer.payloads import Octets, Truths
from contracts.arrow import TIMESTAMP

_KINDS = {"x": b"0123456789abcdef", "d": b"0123456789"}
_EPOCH = b"1970-01-01T00:00:00.000Z"
_YEAR_1_MS = -62_135_596_800_000


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


def times(octets: Octets) -> tuple[pa.TimestampArray, Truths]:
    """The times that the texts say, and which of them are of the form and exist: no 30th of February."""
    real = TIME.fits(octets)
    octets[~real] = np.frombuffer(_EPOCH, np.uint8)
    try:
        read = texts(octets).cast(TIMESTAMP)
    except pa.ArrowInvalid:
        exist = np.array([_exists(text) for text in texts(octets).to_pylist()])
        octets[~exist] = np.frombuffer(_EPOCH, np.uint8)
        real &= exist
        read = texts(octets).cast(TIMESTAMP)
    since_epoch: npt.NDArray[np.int64] = read.view(pa.int64()).to_numpy()
    return read, real & (since_epoch >= _YEAR_1_MS)


def _exists(text: str) -> bool:
    try:
        return bool(pa.scalar(text).cast(TIMESTAMP).is_valid)
    except pa.ArrowInvalid:
        return False
