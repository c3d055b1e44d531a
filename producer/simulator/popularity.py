"""What is popular where and when: country charts that listeners draw from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from producer.simulator.arrays import Floats, Ints
from producer.simulator.places import CODES

# Zipf and Mandelbrot: the shift keeps the very first from towering over the next.
_ZIPF = 1.0
_SHIFT = 12.0
_LOCAL_SPREAD = 0.5
_HOME_BOOST = 3.0

_RISE_DAYS = 2.5
_FADE_DAYS = 18.0
_PEAK = 6.0
_FLOOR = 0.3


@dataclass(frozen=True)
class Charts:
    """One day's popularity in every country, ready to draw from."""

    cumulative: Floats  # (countries * items,): country c fills (c, c + 1]
    items: int

    def draw(self, rng: np.random.Generator, country: Ints, candidates: int) -> Ints:
        """(n, candidates) items, drawn by their popularity in each listener's `country` (n,)."""
        place = country[:, None] + np.minimum(rng.random((len(country), candidates)), 1 - 1e-9)
        found = np.searchsorted(self.cumulative, place, side="right") - country[:, None] * self.items
        return np.asarray(np.minimum(found, self.items - 1), np.int64)


def charts(weights: Floats, moment: Floats) -> Charts:
    """Charts from lasting `weights` (countries, items) and what the day makes of each item (items,)."""
    totals = np.cumsum(weights * moment, axis=1)
    shares = totals / totals[:, -1:] + np.arange(len(weights))[:, None]
    return Charts(shares.ravel(), weights.shape[1])


def country_weights(rng: np.random.Generator, appeal: Floats, home: Ints) -> Floats:
    """(countries, items) weights: Zipf by the order of `appeal` (items,), bent by country and home.

    `home` (items,) is the country whose listeners favour the item.
    """
    ranks = np.empty(len(appeal))
    ranks[np.argsort(-appeal, kind="stable")] = np.arange(1, len(appeal) + 1)
    local = rng.lognormal(0, _LOCAL_SPREAD, (len(CODES), len(appeal)))
    local[home, np.arange(len(home))] *= _HOME_BOOST
    return np.asarray((ranks + _SHIFT) ** -_ZIPF * local)


def novelty(age: Floats) -> Floats:
    """What `age` (days since release; infinite for back catalogue) makes of an item's popularity.

    0 before release, then a rise of days and a fade of weeks down to a floor.
    """
    days = np.maximum(np.where(np.isinf(age), 0.0, age), 0.0)
    rise = 1 - np.exp(-(days + 1) / _RISE_DAYS)
    curve = rise * (_FLOOR + _PEAK * np.exp(-days / _FADE_DAYS))
    return np.asarray(np.where(np.isinf(age), 1.0, np.where(age < 0, 0.0, curve)))
