"""The sessions of a day: who comes, for what, when, on which device; never two at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from producer.simulator.arrays import Flags, Floats, Ints
from producer.simulator.bots import Bots, starting_times
from producer.simulator.config import SimulationConfig
from producer.simulator.population import Listeners
from producer.simulator.randomness import random_ids
from producer.simulator.rhythm import DAY_MS, day_start, epoch_ms, moments

MUSIC, PODCAST, BROWSE = range(3)

_MINUTE_MS = 60_000


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
    bot: Flags
    names: pl.Series  # session ids

    def __len__(self) -> int:
        return len(self.user)

    def of_kind(self, kind: int) -> Ints:
        """The numbers of the sessions of one kind."""
        return np.flatnonzero(self.kind == kind)


@dataclass(frozen=True)
class Day:
    """What everything that happens on one simulated day is drawn from."""

    rng: np.random.Generator
    config: SimulationConfig
    plan: Plan


@dataclass(frozen=True)
class Timing:
    """When the sessions of a plan really begin."""

    start: Ints  # epoch ms
    kept: Flags  # False where the listener's day was over before it could begin
    horizon: int  # epoch ms of the end of the simulation


def plan_day(
    rng: np.random.Generator, config: SimulationConfig, day: int, who: tuple[Listeners, Bots], count: int
) -> Day:
    """About `count` sessions on simulated `day`, over the listeners by their activity; and the bots'."""
    listeners, bots = who
    people, chances = listeners.people, config.sessions
    begins = day_start(config, day)
    per_user = np.minimum(rng.multinomial(count, listeners.chances(day)), chances.most_per_day)
    at_work = bots.on(day)
    user = np.concatenate([np.repeat(np.arange(len(people)), per_user), bots.user[at_work]])
    wished = moments(rng, config, begins, people.group[user])
    wished[len(user) - len(at_work) :] = starting_times(rng, epoch_ms(begins), len(at_work))
    plays = _plays(rng, config, people.endurance[user])
    plays[len(user) - len(at_work) :] = bots.plays[at_work]
    order = np.lexsort((wished, user))
    user, bot = user[order], people.bot[user[order]]
    kind = np.where(bot, MUSIC, _kinds(rng, chances.browse_share, people.podcasts[user]))
    other_device = rng.random(len(user)) < config.devices.other_in_session
    plan = Plan(
        day=day,
        begins=epoch_ms(begins),
        user=user,
        kind=kind,
        plays=np.where(kind == MUSIC, plays[order], 0),
        wished=wished[order],
        device=people.device_on(day, user, other_device),
        bot=bot,
        names=random_ids(rng, len(user)),
    )
    return Day(rng, config, plan)


def _plays(rng: np.random.Generator, config: SimulationConfig, endurance: Floats) -> Ints:
    """Tracks of each session, if it is one of music."""
    chances = config.sessions
    drawn = rng.lognormal(np.log(chances.plays_median), chances.plays_spread, len(endurance))
    plays = np.ceil(endurance * drawn)
    return np.asarray(np.clip(plays, 1, chances.most_plays).astype(np.int64))


def _kinds(rng: np.random.Generator, browse_share: float, podcasts: Floats) -> Ints:
    draw = rng.random(len(podcasts))
    return np.where(draw < browse_share, BROWSE, np.where(draw > 1 - podcasts, PODCAST, MUSIC))


def settle(today: Day, spans: Ints, listeners: Listeners) -> Timing:
    """Real starts of sessions that last `spans` (ms), one after the other for each listener.

    A session waits until its listener's last one is over, and a break after it. One that would only
    begin after its day is dropped. Moves `listeners.busy_until` on.
    """
    plan, config = today.plan, today.config
    start = plan.wished.copy()
    kept = np.zeros(len(plan), bool)
    breaks = today.rng.integers(*config.sessions.break_minutes, len(plan)) * _MINUTE_MS
    day_end = plan.begins + DAY_MS
    turn = np.arange(len(plan)) - np.searchsorted(plan.user, plan.user)
    for number in range(int(turn.max(initial=-1)) + 1):
        now = np.flatnonzero(turn == number)
        user = plan.user[now]
        start[now] = np.maximum(start[now], listeners.busy_until[user] + breaks[now])
        kept[now] = start[now] < day_end
        now, user = now[kept[now]], user[kept[now]]
        listeners.busy_until[user] = start[now] + spans[now]
    return Timing(start, kept, epoch_ms(config.end))
