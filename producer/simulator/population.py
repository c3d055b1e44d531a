"""The listeners: who they are (fixed) and what has become of them so far (state)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from producer.simulator.arrays import Flags, Floats, Ints, weighted
from producer.simulator.config import SimulationConfig
from producer.simulator.habits import Habits
from producer.simulator.places import codes, settle_in_zones, shares
from producer.simulator.randomness import lasting_stream
from producer.simulator.taste import DIMENSIONS, GENRES, genres, unit

LEVELS = ("guest", "free", "paid")
GUEST, FREE, PAID, CLOSED = range(4)

_DAYS_OF_A_YEAR = 365
_FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Population:
    """Every listener by number; each array has one entry per listener."""

    user_ids: pl.Series
    country: Ints
    zone: Ints
    group: Ints  # time zone and kind of listener: which daily rhythm
    activity: Floats  # relative number of sessions; lognormal; 0 for bots
    endurance: Floats  # relative length of sessions; lognormal
    arrival: Ints  # first possible day; -1 for those there before the window
    first_level: Ints
    devices: Ints  # (users, 3) the usual, the other, and what replaces the usual one
    replaced: Ints  # day from which the usual device is another
    tastes: Floats  # (users, dimensions)
    patience: Floats  # how rarely they skip, around 0
    podcasts: Floats  # share of their sessions that are podcasts
    arm: Ints  # of the A/B test
    bot: Flags
    country_codes: pl.Series
    device_names: pl.Series

    def __len__(self) -> int:
        return len(self.country)

    def device_on(self, day: int, user: Ints, other: Flags) -> Ints:
        """(n,) devices of `user` (n,) on simulated `day`; the `other` one where that is true."""
        usual = np.where(day >= self.replaced[user], self.devices[user, 2], self.devices[user, 0])
        return np.asarray(np.where(other, self.devices[user, 1], usual))


@dataclass
class Listeners:
    """The people, and what changes from day to day; each array has one entry per listener."""

    people: Population
    level: Ints
    seen: Flags
    busy_until: Ints  # epoch ms
    silent_until: Ints  # first day on which they may come again
    habits: Habits

    def chances(self, day: int) -> Floats:
        """(users,) shares of the sessions on `day`: by activity, of those who are there and have not left."""
        there = (self.people.arrival <= day) & (self.level != CLOSED) & (self.silent_until <= day)
        if not there.any():
            there = self.people.arrival <= day
        chances = np.where(there, self.people.activity, 0.0)
        return np.asarray(chances / max(chances.sum(), np.finfo(float).tiny))

    def fall_silent(self, rng: np.random.Generator, config: SimulationConfig, day: int) -> None:
        """Churn without a word: some who were there stay away, for days or for good."""
        chances = config.accounts
        lapse = np.flatnonzero(rng.random(len(self.level)) < chances.lapses)
        back = day + 1 + rng.exponential(chances.silent_days, len(lapse)).astype(np.int64)
        gone = rng.random(len(lapse)) < chances.lapses_for_good
        self.silent_until[lapse] = np.maximum(self.silent_until[lapse], np.where(gone, _FOREVER, back))


def build_population(config: SimulationConfig) -> Population:
    """The listeners of a configuration; they depend on seed, number and days alone."""
    rng, chances = lasting_stream(config, "population"), config.population
    count = config.listeners
    bots = np.arange(count) >= count - config.bot_accounts
    country = rng.choice(len(config.places), count, p=shares(config))
    zone = settle_in_zones(rng, config, country)
    kinds = {name: kind.share for name, kind in config.rhythm.kinds.items()}
    kind = weighted(rng, kinds, count)
    early = (rng.random(count) < chances.there_from_the_start) | bots
    early[0] = True  # somebody must be there on the first day
    levels = {name: chances.levels.get(name, 0.0) for name in LEVELS}
    newcomers = {name: chances.newcomers.get(name, 0.0) for name in LEVELS}
    first = np.where(early, weighted(rng, levels, count), weighted(rng, newcomers, count))
    devices = np.stack([weighted(rng, config.devices.shares, count) for _ in range(3)], axis=1)
    return Population(
        user_ids=pl.Series([f"sim-{number:06d}" for number in range(count)]),
        country=country,
        zone=zone,
        group=zone * len(kinds) + kind,
        activity=np.where(bots, 0.0, rng.lognormal(0, chances.activity_spread, count)),
        endurance=rng.lognormal(0, config.sessions.listener_spread, count),
        arrival=np.where(early, -1, rng.integers(0, config.days, count)),
        first_level=np.where(bots, FREE, first),
        devices=devices,
        replaced=_replacements(rng, config, count),
        tastes=_tastes(rng, config, genres(lasting_stream(config, "genres")), count),
        patience=rng.normal(0, chances.patience_spread, count),
        podcasts=rng.beta(*chances.podcast_shape, count),
        arm=weighted(rng, config.experiment.arms, count),
        bot=bots,
        country_codes=pl.Series(codes(config)),
        device_names=pl.Series(list(config.devices.shares)),
    )


def _replacements(rng: np.random.Generator, config: SimulationConfig, count: int) -> Ints:
    """The day on which each listener's usual device is replaced; beyond the history for most."""
    rate = max(config.devices.replaced_per_year, np.finfo(float).tiny)
    days = rng.standard_exponential(count) * _DAYS_OF_A_YEAR / rate
    return np.minimum(days, _DAYS_OF_A_YEAR * 1_000).astype(np.int64)


def _tastes(rng: np.random.Generator, config: SimulationConfig, centres: Floats, count: int) -> Floats:
    """Most listeners love one or two genres, some love many: a sparse mixture, at length 1."""
    mixture = rng.dirichlet(np.full(GENRES, config.taste.genres_loved), count)
    return unit(mixture @ centres + config.taste.scatter * rng.normal(size=(count, DIMENSIONS)))


def begin(config: SimulationConfig, population: Population) -> Listeners:
    """Where everybody stands before the first day: nobody seen yet, nothing known yet."""
    return Listeners(
        people=population,
        level=population.first_level.copy(),
        seen=np.zeros(len(population), bool),
        busy_until=np.zeros(len(population), np.int64),
        silent_until=np.zeros(len(population), np.int64),
        habits=Habits.none_yet(config.habits, len(population)),
    )
