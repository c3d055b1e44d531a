"""Podcast sessions: an episode each, heard along a retention curve with pauses and seeks.

Taste decides who holds out, the configuration's curve how many do.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from producer.simulator.arrays import Floats, Ints, percentiles
from producer.simulator.coded import numbered
from producer.simulator.draft import Column, Draft
from producer.simulator.engagement import PodcastChances
from producer.simulator.population import Population
from producer.simulator.rhythm import HOUR_MS
from producer.simulator.sessions import PODCAST, Day
from producer.simulator.shows import Shows
from producer.simulator.taste import Market, affinity

_ACTIONS = numbered(["play", "pause", "seek", "complete"])
_PLAY, _PAUSE, _SEEK, _COMPLETE = range(4)


def podcast_draft(today: Day, shows: Shows, people: Population, spans: Ints) -> Draft:
    """The events of the plan's podcast sessions; writes how long they last (ms) into `spans`."""
    rng, plan, chances = today.rng, today.plan, today.config.podcast
    session = plan.of_kind(PODCAST)
    user = plan.user[session]
    tastes, country = people.tastes[user], people.country[user]
    market = Market(shows.charts(plan.day), shows.vectors, today.config.taste)
    episode = market.choose(rng, tastes, country)
    duration = shows.durations[episode]
    hold = (
        chances.taste_weight * affinity(tastes, shows.vectors[episode])
        + chances.patience_weight * people.patience[user]
        + shows.quality[episode]
        + rng.normal(0, chances.mood_spread, len(user))
    )
    heard = _heard(chances, percentiles(rng, hold), duration)
    listen, at, action, position = _steps(rng, chances, heard, duration)
    spans[session] = chances.lead_ms
    np.maximum.at(spans, session[listen], at + 2_000)
    tags = shows.episodes.select("episode_id", "podcast_id")[pl.Series(episode[listen])]
    own: dict[str, Column] = {"action": _ACTIONS.gather(pl.Series(action)), "position_ms": position}
    return Draft(
        "podcast_events", session[listen], at, {**tags.to_dict(), **own, "duration_ms": duration[listen]}
    )


def _heard(chances: PodcastChances, standing: Floats, duration: Ints) -> Ints:
    """How far each listener gets (ms), from where they stand (0 to 1) among all."""
    share = np.interp(standing, chances.curve_share, chances.curve_heard)
    return np.maximum((share * duration).astype(np.int64), 1_000)


def _steps(
    rng: np.random.Generator, chances: PodcastChances, heard: Ints, duration: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """(listen, ms since the session began, action, position in ms) of every event."""
    count = rng.poisson(chances.interruptions_per_hour * heard / HOUR_MS)
    listen = np.repeat(np.arange(len(heard)), count)
    place = np.sort(listen + rng.random(len(listen))) - listen
    position = (place * heard[listen]).astype(np.int64)
    room = np.append(position[1:], 0)
    room = np.where(np.append(listen[1:], -1) == listen, room, heard[listen]) - position
    paused = rng.random(len(listen)) < chances.paused
    jump = np.where(
        rng.random(len(listen)) < chances.forward,
        np.minimum(chances.forward_ms, room),
        -np.minimum(chances.back_ms, position),
    )
    silence = np.where(paused, rng.integers(*chances.pause_ms, len(listen)), -jump)
    waited = _before(silence, listen, count)
    when = chances.lead_ms + position + waited
    total = np.bincount(listen, silence, len(heard)).astype(np.int64)
    finished = heard == duration
    everyone = np.arange(len(heard))
    parts = [
        (
            everyone,
            np.full(len(heard), chances.lead_ms),
            np.full(len(heard), _PLAY),
            np.zeros(len(heard), np.int64),
        ),
        (listen, when, np.where(paused, _PAUSE, _SEEK), np.where(paused, position, position + jump)),
        (listen[paused], (when + silence)[paused], np.full(paused.sum(), _PLAY), position[paused]),
        (everyone, chances.lead_ms + heard + total, np.where(finished, _COMPLETE, _PAUSE), heard),
    ]
    merged = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    return merged[0], merged[1], merged[2], merged[3]


def _before(values: Ints, group: Ints, count: Ints) -> Ints:
    """What earlier members of the same group add up to."""
    totals = np.cumsum(values) - values
    firsts = np.cumsum(count) - count
    return np.asarray(totals - np.append(totals, 0)[firsts][group])
