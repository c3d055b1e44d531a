"""A contiguous range of one Kafka partition, column by column, exactly as received."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

import numpy as np

Headers = Sequence[tuple[str, bytes | None]]
_ABSENT = -(2**63)
ESCAPE = "base64:"


@dataclass(frozen=True)
class Batch:
    """The records of `topic`/`partition` in [base, end]; the five columns have one entry per record.

    `offsets` ascend within [base, end]; `timestamps` are the broker's (epoch ms, None: not given).
    `last_epoch` is the leader epoch of the last record, where the client tells it.
    """

    topic: str
    partition: int
    base: int
    end: int
    offsets: Sequence[int]
    timestamps: Sequence[int | None]
    keys: Sequence[bytes | None]
    values: Sequence[bytes | None]
    headers: Sequence[Headers | None]
    last_epoch: int | None = None

    def __len__(self) -> int:
        return len(self.offsets)

    def gaps(self) -> list[tuple[int, int]]:
        """The runs [from, to] of offsets in [base, end] that Kafka never delivered."""
        if len(self) == self.end - self.base + 1:
            return []
        edges = [self.base - 1, *self.offsets, self.end + 1]
        return [(a + 1, b - 1) for a, b in pairwise(edges) if b - a > 1]

    def timestamp_range(self) -> tuple[int | None, int | None]:
        """The earliest and the latest broker timestamp; (None, None) when no record has one."""
        known = [t for t in self.timestamps if t is not None]
        return (min(known), max(known)) if known else (None, None)

    def last_hash(self) -> str:
        """The content hash of the last record alone: enough to tell whether Kafka still holds it."""
        last, offset = slice(len(self) - 1, len(self)), self.offsets[-1]
        return Batch(
            self.topic,
            self.partition,
            offset,
            offset,
            self.offsets[last],
            self.timestamps[last],
            self.keys[last],
            self.values[last],
            self.headers[last],
        ).content_hash()

    def content_hash(self) -> str:
        """SHA-256 of the records, not of any file: what a finisher with other code must match.

        Each column is framed by its length column, so that no two batches share an input.
        """
        digest = sha256()
        digest.update(np.asarray(self.offsets, "<i8").tobytes())
        digest.update(np.asarray([_ABSENT if t is None else t for t in self.timestamps], "<i8").tobytes())
        headers = [None if h is None else header_text(h).encode() for h in self.headers]
        for column in (self.keys, self.values, headers):
            digest.update(np.asarray([-1 if c is None else len(c) for c in column], "<i8").tobytes())
            digest.update(b"".join([c for c in column if c is not None]))
        return digest.hexdigest()


def as_text(raw: bytes | None) -> str | None:
    """Text that gives back the bytes: UTF-8 as it is, anything else as `base64:…`."""
    if raw is None:
        return None
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return ESCAPE + b64encode(raw).decode()
    # Text that looks like the escape is escaped too, or two keys could become one.
    return ESCAPE + b64encode(raw).decode() if text.startswith(ESCAPE) else text


def header_text(headers: Headers) -> str:
    """Kafka headers as a JSON object; a name that repeats has the list of its values."""
    grouped: dict[str, list[str | None]] = {}
    for name, value in headers:
        grouped.setdefault(name, []).append(as_text(value))
    flat = {name: values[0] if len(values) == 1 else values for name, values in grouped.items()}
    return json.dumps(flat, ensure_ascii=False)
