"""Times as the wire spells them, by the million: from tables of dates, times of day and thousandths."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from producer.simulator.arrays import Ints
from producer.simulator.coded import Digits

_DAY_S = 86_400
_WIDTH = len("2026-11-01T12:34:56.789Z")


@cache
def _clock() -> tuple[npt.NDArray[np.bytes_], npt.NDArray[np.bytes_]]:
    """The time of day of each second, and the thousandths, with the marks around them."""
    seconds = [f"T{at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}." for at in range(_DAY_S)]
    return np.array(seconds, "S10"), np.array([f"{at:03d}Z" for at in range(1_000)], "S4")


def spelled(epoch_ms: Ints) -> Digits:
    """(n, 24) ASCII codes of (n,) times: ISO-8601, UTC, thousandths."""
    text = np.empty((len(epoch_ms), _WIDTH), np.uint8)
    if not len(epoch_ms):
        return text
    seconds, thousandths = np.divmod(epoch_ms, 1_000)
    days, since = np.divmod(seconds, _DAY_S)
    first = int(days.min())
    dates = np.arange(first, int(days.max()) + 1).astype("datetime64[D]").astype("S10")
    times, ends = _clock()
    places = ((dates, days - first), (times, since), (ends, thousandths))
    at = 0
    for table, rows in places:
        width = table.itemsize
        text[:, at : at + width] = table[rows].view(np.uint8).reshape(-1, width)
        at += width
    return text
