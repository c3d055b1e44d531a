"""How fast the machine is at this moment: who shares it halves that within minutes, and no load says so."""

from __future__ import annotations

import time
from statistics import median

_LOOPS, _TIMES = 3_000_000, 5


def pace_ms() -> int:
    """Milliseconds of a bare Python loop, median of five."""
    return round(median(_loop() for _ in range(_TIMES)))


def _loop() -> float:
    began, total = time.perf_counter(), 0
    for number in range(_LOOPS):
        total += number
    return 1_000 * (time.perf_counter() - began)
