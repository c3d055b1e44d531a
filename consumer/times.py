"""Texts of the form yyyy-mm-ddThh:mm:ss.mmmZ as times, where there is such a time."""

from __future__ import annotations

import pyarrow as pa
from pyarrow import compute

from contracts.arrow import TIMESTAMP

# Arrow knows a year 0, the classes do not.
_YEAR_1 = pa.scalar(-62_135_596_800_000, TIMESTAMP)
_NO_TIME = pa.scalar(None, TIMESTAMP)


def existing(texts: pa.StringArray) -> pa.TimestampArray:
    """The times that `texts`, each null or of the form, say; null where there is none: a 30th of February."""
    try:
        times = texts.cast(TIMESTAMP)
    except pa.ArrowInvalid:  # one by one, then
        times = pa.array([_milliseconds(text) for text in texts.to_pylist()], TIMESTAMP)
    early = compute.less(times, _YEAR_1)
    return compute.if_else(early, _NO_TIME, times) if compute.any(early).as_py() else times


def _milliseconds(text: str | None) -> int | None:
    """Since the epoch: Python has no year 0 to say it as a time."""
    try:
        found: int | None = pa.scalar(text, pa.string()).cast(TIMESTAMP).cast(pa.int64()).as_py()
    except pa.ArrowInvalid:
        return None
    return found
