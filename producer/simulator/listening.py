"""Music sessions: what is played, how long it holds, what is skipped and liked.

The skip curve is Lamere's (2014, on Spotify's logs): 24 % of plays end within 5 s, 35 % within 30 s,
49 % before the end. Who skips what follows taste; how many do is set by rank, so the curve holds
on every day whatever the tastes are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from producer.simulator.arrays import Flags, Floats, Ints, percentiles, running_totals, weighted
from producer.simulator.catalogue import Catalogue
from producer.simulator.config import SimulationConfig
from producer.simulator.draft import Column, Draft
from producer.simulator.population import Listeners
from producer.simulator.randomness import timed_ids
from producer.simulator.sessions import Plan
from producer.simulator.taste import affinity, choose

_CONTEXTS = {
    "playlist": 38,
    "album": 14,
    "liked_songs": 16,
    "radio": 11,
    "search": 9,
    "chart": 8,
    "artist": 4,
}
_SHORTEST_PLAY_MS = 300
_PAUSE_CHANCE = 0.04
_LAST_CUT_BY_LEAVING = 0.6


@dataclass(frozen=True)
class Listening:
    """The plays of a day, in order of session and time; one entry per play."""

    session: Ints
    user: Ints
    track: Ints
    duration: Ints  # ms
    suits: Floats  # affinity of track and listener
    repeated: Flags  # taken from the listener's favourites
    played: Ints  # ms listened
    first: Flags  # the first of its session
    last: Flags
    started: Ints  # ms since the session began
    ended: Ints

    @property
    def early(self) -> Flags:
        """Plays that did not reach the track's end."""
        return self.played < self.duration


def listen(
    rng: np.random.Generator, config: SimulationConfig, plan: Plan, catalogue: Catalogue, listeners: Listeners
) -> Listening:
    """The plays of all the plan's music sessions."""
    people = listeners.people
    session = np.repeat(np.arange(len(plan)), plan.plays)
    firsts = np.cumsum(plan.plays) - plan.plays
    turn = np.arange(len(session)) - firsts[session]
    user = plan.user[session]
    tastes = people.tastes[user]
    found = choose(rng, catalogue.charts(plan.day), catalogue.vectors, tastes, people.country[user])
    track, repeated = _with_favourites(rng, config.repeat_share, user, found, listeners)
    suits = affinity(tastes, catalogue.vectors[track])
    appeal = 2.2 * suits + people.patience[user] + 0.7 * repeated + rng.normal(0, 1.2, len(user))
    duration = catalogue.durations[track]
    played = time_held(config, percentiles(rng, appeal), duration)
    gap, pause = _silences(rng, turn)
    ended = running_totals(gap + played + pause, firsts, session)
    return Listening(
        session=session,
        user=user,
        track=track,
        duration=duration,
        suits=suits,
        repeated=repeated,
        played=played,
        first=turn == 0,
        last=turn == plan.plays[session] - 1,
        started=ended - played - pause,
        ended=ended,
    )


def music_spans(rng: np.random.Generator, plan: Plan, plays: Listening) -> Ints:
    """(sessions,) how long each session lasts (ms): to the end of its last play and a little on; else 0."""
    spans = np.zeros(len(plan), np.int64)
    spans[plays.session[plays.last]] = plays.ended[plays.last]
    return spans + rng.integers(1_000, 30_000, len(plan)) * (spans > 0)


def _with_favourites(
    rng: np.random.Generator, share: float, user: Ints, found: Ints, listeners: Listeners
) -> tuple[Ints, Flags]:
    """The tracks `found` (n,), a `share` of them replaced by favourites of their listeners."""
    slot = rng.integers(0, listeners.favourites.shape[1], len(user))
    favourite = listeners.favourites[user, slot]
    repeated = (favourite >= 0) & (rng.random(len(user)) < share)
    return np.where(repeated, favourite, found), repeated


def time_held(config: SimulationConfig, standing: Floats, duration: Ints) -> Ints:
    """ms listened (n,), from where each play stands in appeal (0 to 1) and the track's length."""
    five, thirty, early = config.skipped_within_5s, config.skipped_within_30s, config.ended_early
    edges = np.array([0.0, five, thirty, early])
    step = np.clip(np.searchsorted(edges, standing, side="right") - 1, 0, 3)
    widths = np.maximum(np.array([five, thirty - five, early - thirty, 1 - early]), 1e-12)
    within = (standing - edges[step]) / widths[step]
    lows = np.array([_SHORTEST_PLAY_MS, 5_000, 30_000, 0])[step]
    highs = np.array([5_000, 30_000, 0, 0])[step]
    highs = np.where(step == 2, duration, highs)
    held = lows + (within**1.3 * (highs - lows - 1)).astype(np.int64)
    return np.where(step == 3, duration, held)


def _silences(rng: np.random.Generator, turn: Ints) -> tuple[Ints, Ints]:
    """ms before each play, and ms paused during it; all far shorter than a session's end."""
    size = len(turn)
    long_gap = np.where(rng.random(size) < _PAUSE_CHANCE, rng.integers(8_000, 480_000, size), 0)
    gap = np.where(turn == 0, rng.integers(3_000, 40_000, size), rng.integers(20, 400, size) + long_gap)
    pause = np.where(rng.random(size) < _PAUSE_CHANCE, rng.integers(4_000, 300_000, size), 0)
    return gap, pause


def play_drafts(rng: np.random.Generator, plays: Listening, catalogue: Catalogue) -> list[Draft]:
    """The events of the plays: each start, each end, and a skip for each that was skipped."""
    play_id = timed_ids(rng, plays.started)
    duration = plays.duration
    tags = catalogue.tags[pl.Series(plays.track)]
    left = plays.early & plays.last & (rng.random(len(duration)) < _LAST_CUT_BY_LEAVING)
    skipped = plays.early & ~left
    start: dict[str, Column] = {
        "play_id": play_id,
        **tags.select("track_id", "track_title", "artist_name").to_dict(),
    }
    whole: dict[str, Column] = {
        "play_id": play_id,
        **tags.to_dict(),
        "ms_played": plays.played,
        "duration_ms": duration,
        "skipped": pl.Series(skipped),
        **_reasons(rng, plays, skipped),
    }
    rows = np.flatnonzero(skipped)
    cut: dict[str, Column] = {
        "play_id": play_id.gather(pl.Series(rows)),
        "track_id": tags["track_id"].gather(pl.Series(rows)),
        "position_ms": plays.played[rows],
        "duration_ms": duration[rows],
    }
    return [
        Draft("playback_started", plays.session, plays.started, {**start, "duration_ms": duration}),
        Draft("plays", plays.session, plays.ended, whole, {"started_at": plays.started}),
        Draft("skips", plays.session[rows], plays.ended[rows], cut),
    ]


def _reasons(rng: np.random.Generator, plays: Listening, skipped: Flags) -> dict[str, pl.Series]:
    """reason_start follows from how the play before it ended; the context lasts for the session."""
    size = len(skipped)
    forward = rng.random(size) < 0.88
    ended = np.select([skipped & forward, skipped, plays.early], [0, 1, 2], 3)
    before = np.roll(ended, 1)
    began = np.where(plays.first, np.where(forward, 4, 5), before)
    contexts = weighted(rng, _CONTEXTS, int(plays.session.max(initial=-1)) + 1)[plays.session]
    contexts = np.where(plays.repeated & forward, 2, contexts)
    endings = pl.Series(["fwdbtn", "backbtn", "endplay", "trackdone"])
    beginnings = pl.Series(["fwdbtn", "backbtn", "playbtn", "trackdone", "clickrow", "playbtn"])
    return {
        "reason_start": beginnings.gather(pl.Series(began)),
        "reason_end": endings.gather(pl.Series(ended)),
        "context": pl.Series(list(_CONTEXTS)).gather(pl.Series(contexts)),
    }
