"""What is popular where and when: country charts that listeners draw from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from producer.simulator.arrays import Floats, Ints
from producer.simulator.config import SimulationConfig
from producer.simulator.places import codes, neighbours, shares
from producer.simulator.supply import PopularityChances, ReleaseChances


@dataclass(frozen=True)
class Charts:
    """One day's popularity in every country, ready to draw from."""

    cumulative: npt.NDArray[np.float32]  # (countries, items); each row ends at 1

    def draw(self, rng: np.random.Generator, country: Ints, candidates: int) -> Ints:
        """(n, candidates) items, drawn by their popularity in each listener's `country` (n,).

        Country by country: one country's shares stay in the processor's cache, those of all do not.
        """
        countries, items = self.cumulative.shape
        order = np.argsort(country.astype(np.int16), kind="stable")  # narrow numbers are sorted by radix
        edges = np.searchsorted(country[order], np.arange(countries + 1))
        chance = rng.random((len(country), candidates), np.float32)
        found = np.empty(chance.shape, np.int64)
        for totals, first, end in zip(self.cumulative, edges[:-1], edges[1:], strict=True):
            if first < end:
                found[order[first:end]] = np.searchsorted(totals, chance[first:end], side="right")
        return np.asarray(np.minimum(found, items - 1))


def charts(weights: Floats, moment: Floats) -> Charts:
    """Charts from lasting `weights` (countries, items) and what the day makes of each item (items,)."""
    totals = np.cumsum(weights * moment, axis=1)
    return Charts((totals / totals[:, -1:]).astype(np.float32))


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
