"""What is popular where and when: country charts that listeners draw from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from producer.simulator.arrays import Floats, Ints
from producer.simulator.config import SimulationConfig
from producer.simulator.places import codes, neighbours, shares
from producer.simulator.supply import PopularityChances, ReleaseChances

# Below 1, so that the last item of a country is never overshot.
_BELOW_ONE = 1 - 1e-9


@dataclass(frozen=True)
class Charts:
    """One day's popularity in every country, ready to draw from."""

    cumulative: Floats  # (countries * items,): country c fills (c, c + 1]
    items: int

    def draw(self, rng: np.random.Generator, country: Ints, candidates: int) -> Ints:
        """(n, candidates) items, drawn by their popularity in each listener's `country` (n,)."""
        place = country[:, None] + np.minimum(rng.random((len(country), candidates)), _BELOW_ONE)
        found = np.searchsorted(self.cumulative, place, side="right") - country[:, None] * self.items
        return np.asarray(np.minimum(found, self.items - 1), np.int64)


def charts(weights: Floats, moment: Floats) -> Charts:
    """Charts from lasting `weights` (countries, items) and what the day makes of each item (items,)."""
    totals = np.cumsum(weights * moment, axis=1)
    found = totals / totals[:, -1:] + np.arange(len(weights))[:, None]
    return Charts(found.ravel(), weights.shape[1])


def homes(rng: np.random.Generator, config: SimulationConfig, count: int) -> Ints:
    """(count,) countries that artists come from; small ones have more than their share of the listeners."""
    tilted = shares(config) ** config.popularity.home_tilt
    return np.asarray(rng.choice(len(tilted), count, p=tilted / tilted.sum()))


def country_weights(
    rng: np.random.Generator, config: SimulationConfig, appeal: Floats, home: Ints, artist: Ints
) -> Floats:
    """(countries, items) weights by the order of `appeal` (items,), bent by country.

    `artist` (items,) numbers the artists from 0, `home` (artists,) is the country each comes from: there and
    in countries of its region an artist is heard more, abroad only a few are heard at all.
    """
    chances = config.popularity
    worldwide = rng.random(len(home)) < chances.international
    heard = np.where(worldwide, 1.0, chances.abroad)[:, None]
    near = neighbours(config)[home]
    reach = np.where(near > 0, np.maximum(heard, chances.region_boost), heard)
    reach[np.arange(len(home)), home] = chances.home_boost
    own_taste = rng.lognormal(0, chances.local_spread, (len(codes(config)), len(home)))
    return np.asarray(_by_rank(chances, appeal) * (reach.T * own_taste)[:, artist])


def _by_rank(chances: PopularityChances, appeal: Floats) -> Floats:
    """(items,) Zipf and Mandelbrot, and a tail that falls faster."""
    ranks = np.empty(len(appeal))
    ranks[np.argsort(-appeal, kind="stable")] = np.arange(1, len(appeal) + 1)
    bend_at = chances.bend_at * len(appeal)
    return np.asarray((ranks + chances.shift) ** -chances.zipf * (1 + ranks / bend_at) ** -chances.bend)


def novelty(chances: ReleaseChances, age: Floats) -> Floats:
    """What `age` (days since release; infinite for back catalogue) makes of an item's popularity.

    0 before release, then a rise of days and a fade of weeks down to a floor.
    """
    days = np.maximum(np.where(np.isinf(age), 0.0, age), 0.0)
    rise = 1 - np.exp(-(days + 1) / chances.rise_days)
    curve = rise * (chances.floor + chances.peak * np.exp(-days / chances.fade_days))
    return np.asarray(np.where(np.isinf(age), 1.0, np.where(age < 0, 0.0, curve)))
