"""Podcast sessions: an episode each, heard along a retention curve with pauses and seeks.

The curve: a fifth is gone within the first 6 % of an episode, then it falls slowly; about 45 % hear the end.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from producer.simulator.arrays import Floats, Ints, percentiles
from producer.simulator.draft import Column, Draft
from producer.simulator.population import Population
from producer.simulator.sessions import PODCAST, Plan
from producer.simulator.shows import Shows
from producer.simulator.taste import affinity, choose

_ACTIONS = pl.Series(["play", "pause", "seek", "complete"])
_PLAY, _PAUSE, _SEEK, _COMPLETE = range(4)

# Share of listeners (from the least held) against how much of the episode they hear.
_CURVE_SHARE = [0.0, 0.10, 0.20, 0.35, 0.45, 0.55, 1.0]
_CURVE_HEARD = [0.003, 0.02, 0.06, 0.35, 0.65, 1.0, 1.0]

_INTERRUPTIONS_PER_HOUR = 5.0
_PAUSE_SHARE = 0.6
_FORWARD_MS = 30_000
_BACK_MS = 15_000
_LEAD_MS = 4_000


def podcast_draft(
    rng: np.random.Generator, plan: Plan, shows: Shows, people: Population, spans: Ints
) -> Draft:
    """The events of the plan's podcast sessions; writes how long they last (ms) into `spans`."""
    session = plan.of_kind(PODCAST)
    user = plan.user[session]
    episode = choose(rng, shows.charts(plan.day), shows.vectors, people.tastes[user], people.country[user])
    duration = shows.durations[episode]
    suits = affinity(people.tastes[user], shows.vectors[episode])
    hold = 1.5 * suits + shows.quality[episode] + 0.5 * people.patience[user] + rng.normal(0, 1, len(user))
    heard = _heard(percentiles(rng, hold), duration)
    listen, at, action, position = _steps(rng, heard, duration)
    spans[session] = _LEAD_MS
    np.maximum.at(spans, session[listen], at + 2_000)
    tags = shows.episodes.select("episode_id", "podcast_id")[pl.Series(episode[listen])]
    own: dict[str, Column] = {"action": _ACTIONS.gather(pl.Series(action)), "position_ms": position}
    return Draft(
        "podcast_events", session[listen], at, {**tags.to_dict(), **own, "duration_ms": duration[listen]}
    )


def _heard(standing: Floats, duration: Ints) -> Ints:
    """How far each listener gets (ms), from where they stand (0 to 1) among all."""
    share = np.interp(standing, _CURVE_SHARE, _CURVE_HEARD)
    return np.maximum((share * duration).astype(np.int64), 1_000)


def _steps(rng: np.random.Generator, heard: Ints, duration: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """(listen, ms since the session began, action, position in ms) of every event."""
    count = rng.poisson(_INTERRUPTIONS_PER_HOUR * heard / 3_600_000)
    listen = np.repeat(np.arange(len(heard)), count)
    place = np.sort(listen + rng.random(len(listen))) - listen
    position = (place * heard[listen]).astype(np.int64)
    room = np.append(position[1:], 0)
    room = np.where(np.append(listen[1:], -1) == listen, room, heard[listen]) - position
    paused = rng.random(len(listen)) < _PAUSE_SHARE
    jump = np.where(
        rng.random(len(listen)) < 0.65, np.minimum(_FORWARD_MS, room), -np.minimum(_BACK_MS, position)
    )
    silence = np.where(paused, rng.integers(5_000, 900_000, len(listen)), -jump)
    waited = _before(silence, listen, count)
    when = _LEAD_MS + position + waited
    total = np.bincount(listen, silence, len(heard)).astype(np.int64)
    finished = heard == duration
    everyone = np.arange(len(heard))
    parts = [
        (everyone, np.full(len(heard), _LEAD_MS), np.full(len(heard), _PLAY), np.zeros(len(heard), np.int64)),
        (listen, when, np.where(paused, _PAUSE, _SEEK), np.where(paused, position, position + jump)),
        (listen[paused], (when + silence)[paused], np.full(paused.sum(), _PLAY), position[paused]),
        (everyone, _LEAD_MS + heard + total, np.where(finished, _COMPLETE, _PAUSE), heard),
    ]
    merged = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    return merged[0], merged[1], merged[2], merged[3]


def _before(values: Ints, group: Ints, count: Ints) -> Ints:
    """What earlier members of the same group add up to."""
    totals = np.cumsum(values) - values
    firsts = np.cumsum(count) - count
    return np.asarray(totals - np.append(totals, 0)[firsts][group])
