"""Sets of offsets as sorted arrays, and as runs [from, to] for people."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from consumer.audit.decision import Offsets

Run = tuple[int, int]
NONE: Offsets = np.empty(0, np.int64)


def within(offsets: Offsets, base: int, end: int) -> Offsets:
    """Those in [base, end]."""
    return offsets[(offsets >= base) & (offsets <= end)]


def without(offsets: Offsets, others: Offsets) -> Offsets:
    """Those of `offsets` that are not among `others`, each once."""
    return np.setdiff1d(offsets, others)


def runs(offsets: Offsets) -> list[Run]:
    """Ascending offsets as runs of neighbours."""
    if not len(offsets):
        return []
    cuts = np.flatnonzero(np.diff(offsets) != 1) + 1
    return [(int(part[0]), int(part[-1])) for part in np.split(offsets, cuts)]


def between(base: int, end: int, offsets: Offsets) -> list[Run]:
    """The runs of [base, end] that `offsets` leave free, however long: nothing is unrolled."""
    present = np.unique(within(offsets, base, end))
    edges = [base - 1, *present.tolist(), end + 1]
    return [(a + 1, b - 1) for a, b in pairwise(edges) if b - a > 1]


def length(found: list[Run]) -> int:
    """How many offsets the runs hold."""
    return sum(high - low + 1 for low, high in found)
