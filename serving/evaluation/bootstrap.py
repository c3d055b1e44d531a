"""How far a mean over users might be off: users drawn again, with replacement."""

from __future__ import annotations

import numpy as np

from serving.evaluation.arrays import Floats

TIMES = 1_000
_TAILS = (0.025, 0.975)


def means(values: Floats, seed: int, times: int = TIMES) -> Floats:
    """(times, measures) the mean of `values` (users, measures) over users drawn again.

    The same `seed` draws the same users for any values of as many, so differences of two are paired.
    """
    rng, n = np.random.default_rng(seed), len(values)
    drawn = np.empty((times, values.shape[1]))
    for turn in range(times):
        drawn[turn] = np.bincount(rng.integers(0, n, n), minlength=n) @ values
    return drawn / n


def interval(drawn: Floats) -> tuple[Floats, Floats]:
    """The lower and upper end, (measures,) each, that hold 95 % of the means."""
    low, high = np.quantile(drawn, _TAILS, axis=0)
    return np.asarray(low), np.asarray(high)
