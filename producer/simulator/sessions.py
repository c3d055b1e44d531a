"""The sessions of a day: who comes, for what, when, on which device; never two at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from producer.simulator.arrays import Flags, Floats, Ints
from producer.simulator.config import SimulationConfig
from producer.simulator.population import Listeners
from producer.simulator.randomness import random_ids
from producer.simulator.rhythm import DAY_MS, day_start, epoch_ms, moments

MUSIC, PODCAST, BROWSE = range(3)

_BROWSE_SHARE = 0.06
_MOST_PER_DAY = 6
_PLAYS_MEDIAN = 6.0
_PLAYS_SPREAD = 0.8
_MOST_PLAYS = 60

# Longer than the half hour of silence that ends a session downstream, so that both agree.
_SHORTEST_BREAK_MS = 31 * 60_000
_LONGEST_BREAK_MS = 90 * 60_000


@dataclass(frozen=True)
class Plan:
    """The sessions of one day by number, in order of (user, wished start)."""

    day: int  # number of the simulated day
    begins: int  # epoch ms of its midnight
    user: Ints
    kind: Ints
    plays: Ints  # tracks to play; 0 unless the kind is MUSIC
    wished: Ints  # epoch ms
    device: Ints
    names: pl.Series  # session ids

    def __len__(self) -> int:
        return len(self.user)

    def of_kind(self, kind: int) -> Ints:
        """The numbers of the sessions of one kind."""
        return np.flatnonzero(self.kind == kind)


@dataclass(frozen=True)
class Timing:
    """When the sessions of a plan really begin."""

    start: Ints  # epoch ms
    kept: Flags  # False where the listener's day was over before it could begin
    horizon: int  # epoch ms of the end of the simulation


def plan_day(
    rng: np.random.Generator, config: SimulationConfig, day: int, listeners: Listeners, count: int
) -> Plan:
    """About `count` sessions on simulated `day`, spread over the listeners by their activity."""
    people = listeners.people
    begins = day_start(config, day)
    per_user = np.minimum(rng.multinomial(count, listeners.chances(day)), _MOST_PER_DAY)
    user = np.repeat(np.arange(len(people)), per_user)
    wished = moments(rng, begins, people.group[user])
    order = np.lexsort((wished, user))
    kind = _kinds(rng, people.podcasts[user])
    plays = np.ceil(rng.lognormal(np.log(_PLAYS_MEDIAN), _PLAYS_SPREAD, len(user)))
    other_device = (rng.random(len(user)) < 0.2).astype(int)
    return Plan(
        day=day,
        begins=epoch_ms(begins),
        user=user,
        kind=kind,
        plays=np.where(kind == MUSIC, np.minimum(plays, _MOST_PLAYS), 0).astype(np.int64),
        wished=wished[order],
        device=people.devices[user, other_device],
        names=random_ids(rng, len(user)),
    )


def _kinds(rng: np.random.Generator, podcasts: Floats) -> Ints:
    draw = rng.random(len(podcasts))
    return np.where(draw < _BROWSE_SHARE, BROWSE, np.where(draw > 1 - podcasts, PODCAST, MUSIC))


def settle(rng: np.random.Generator, plan: Plan, spans: Ints, listeners: Listeners, horizon: int) -> Timing:
    """Real starts of sessions that last `spans` (ms), one after the other for each listener.

    A session waits until its listener's last one is over, and a break after it. One that would only
    begin after its day is dropped. Moves `listeners.busy_until` on.
    """
    start = plan.wished.copy()
    kept = np.zeros(len(plan), bool)
    breaks = rng.integers(_SHORTEST_BREAK_MS, _LONGEST_BREAK_MS, len(plan))
    day_end = plan.begins + DAY_MS
    turn = np.arange(len(plan)) - np.searchsorted(plan.user, plan.user)
    for number in range(int(turn.max(initial=-1)) + 1):
        now = np.flatnonzero(turn == number)
        user = plan.user[now]
        start[now] = np.maximum(start[now], listeners.busy_until[user] + breaks[now])
        kept[now] = start[now] < day_end
        now, user = now[kept[now]], user[kept[now]]
        listeners.busy_until[user] = start[now] + spans[now]
    return Timing(start, kept, horizon)
