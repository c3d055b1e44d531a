"""Bots: accounts that play one song all day long, on the days of a campaign."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from producer.simulator.arrays import Floats, Ints
from producer.simulator.config import SimulationConfig
from producer.simulator.population import Population
from producer.simulator.randomness import lasting_stream
from producer.simulator.rhythm import HOUR_MS


@dataclass(frozen=True)
class Bots:
    """Every array has one entry per bot."""

    user: Ints
    track: Ints
    first_day: Ints
    days: Ints
    plays: Ints  # on each day

    def on(self, day: int) -> Ints:
        """The bots that are at work on simulated `day`."""
        return np.flatnonzero((self.first_day <= day) & (day < self.first_day + self.days))

    def songs(self, user: Ints) -> Ints:
        """(n,) the track of each of `user` (n,), who are all bots."""
        return np.asarray(self.track[np.searchsorted(self.user, user)])


def build_bots(config: SimulationConfig, people: Population, released: Floats) -> Bots:
    """The bots among the people; each promotes one track that is out before the history begins."""
    rng = lasting_stream(config, "bots")
    user = np.flatnonzero(people.bot)
    days = config.campaign_days
    return Bots(
        user=user,
        track=rng.choice(np.flatnonzero(np.isinf(released)), len(user)),
        first_day=rng.integers(0, config.days - days + 1, len(user)),
        days=np.full(len(user), days),
        plays=rng.poisson(config.bots.plays_per_day, len(user)) + 1,
    )


def starting_times(rng: np.random.Generator, begins: int, count: int) -> Ints:
    """(count,) when bots begin (epoch ms): within the first hour of the UTC day."""
    return np.asarray(begins + rng.integers(0, HOUR_MS, count))
