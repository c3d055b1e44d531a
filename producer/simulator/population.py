"""The listeners: who they are (fixed) and what has become of them so far (state)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from producer.simulator.arrays import Flags, Floats, Ints, weighted
from producer.simulator.config import SimulationConfig
from producer.simulator.places import CODES, SHARES
from producer.simulator.randomness import lasting_stream
from producer.simulator.rhythm import CHRONOTYPES
from producer.simulator.taste import DIMENSIONS, GENRES, genres, unit

LEVELS = ("guest", "free", "paid")
GUEST, FREE, PAID, CLOSED = range(4)

_LEVEL_WEIGHTS = {"guest": 0.1, "free": 0.55, "paid": 0.35}
_DEVICES = {
    "android": 0.34,
    "ios": 0.27,
    "desktop": 0.16,
    "web": 0.11,
    "smart_speaker": 0.06,
    "tv": 0.03,
    "car": 0.03,
}
_THERE_FROM_THE_START = 0.7
_ACTIVITY_SPREAD = 1.0
_FAVOURITES = 24


@dataclass(frozen=True)
class Population:
    """Every listener by number; each array has one entry per listener."""

    user_ids: pl.Series
    country: Ints
    group: Ints  # country and chronotype: which daily rhythm
    activity: Floats  # relative number of sessions; lognormal
    arrival: Ints  # first possible day; -1 for those there before the window
    first_level: Ints
    devices: Ints  # (users, 2) the usual and the other device
    tastes: Floats  # (users, dimensions)
    patience: Floats  # how rarely they skip, around 0
    podcasts: Floats  # share of their sessions that are podcasts

    def __len__(self) -> int:
        return len(self.country)


@dataclass
class Listeners:
    """The people, and what changes from day to day; each array has one entry per listener."""

    people: Population
    level: Ints
    seen: Flags
    busy_until: Ints  # epoch ms
    favourites: Ints  # (users, slots) track numbers; -1 for an empty slot

    def chances(self, day: int) -> Floats:
        """(users,) shares of the sessions on `day`: by activity, of those who are there and have not left."""
        there = (self.people.arrival <= day) & (self.level != CLOSED)
        chances = np.where(there, self.people.activity, 0.0)
        return np.asarray(chances / max(chances.sum(), np.finfo(float).tiny))


DEVICE_NAMES = pl.Series(list(_DEVICES))
COUNTRY_CODES = pl.Series(CODES)


def build_population(config: SimulationConfig) -> Population:
    """The listeners of a configuration; they depend on seed, number and days alone."""
    rng = lasting_stream(config, "population")
    count = config.listeners
    country = rng.choice(len(CODES), count, p=SHARES)
    chronotype = rng.choice(len(CHRONOTYPES), count, p=[0.1, 0.2, 0.4, 0.2, 0.1])
    early = rng.random(count) < _THERE_FROM_THE_START
    early[0] = True  # somebody must be there on the first day
    newcomers_level = np.where(rng.random(count) < 0.5, GUEST, FREE)
    return Population(
        user_ids=pl.Series([f"sim-{number:06d}" for number in range(count)]),
        country=country,
        group=country * len(CHRONOTYPES) + chronotype,
        activity=rng.lognormal(0, _ACTIVITY_SPREAD, count),
        arrival=np.where(early, -1, rng.integers(0, config.days, count)),
        first_level=np.where(early, weighted(rng, _LEVEL_WEIGHTS, count), newcomers_level),
        devices=np.stack([weighted(rng, _DEVICES, count), weighted(rng, _DEVICES, count)], axis=1),
        tastes=_tastes(rng, genres(lasting_stream(config, "genres")), count),
        patience=rng.normal(0, 0.8, count),
        podcasts=rng.beta(0.8, 2.4, count),
    )


def _tastes(rng: np.random.Generator, centres: Floats, count: int) -> Floats:
    """Most listeners love one or two genres, some love many: a sparse mixture, at length 1."""
    mixture = rng.dirichlet(np.full(GENRES, 0.15), count)
    return unit(mixture @ centres + 0.05 * rng.normal(size=(count, DIMENSIONS)))


def begin(population: Population) -> Listeners:
    """Where everybody stands before the first day: nobody seen yet, nothing liked yet."""
    return Listeners(
        people=population,
        level=population.first_level.copy(),
        seen=np.zeros(len(population), bool),
        busy_until=np.zeros(len(population), np.int64),
        favourites=np.full((len(population), _FAVOURITES), -1, np.int64),
    )
