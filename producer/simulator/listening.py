"""Music sessions: how long what is put on holds, what is skipped, and how it goes on.

Who skips what follows taste; how many do is set by rank, so the configuration's skip curve holds on every
day whatever the tastes are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from producer.simulator.arrays import Flags, Floats, Ints, percentiles, running_totals
from producer.simulator.behaviour import CONTEXTS, ListeningChances
from producer.simulator.catalogue import Catalogue
from producer.simulator.choice import Seats, Supply, put_on
from producer.simulator.coded import numbered
from producer.simulator.draft import Column, Draft
from producer.simulator.randomness import timed_ids
from producer.simulator.sessions import Day
from producer.simulator.taste import affinity

_EDGES_MS = (5_000, 10_000, 30_000)


@dataclass(frozen=True)
class Listening:
    """The plays of a day, in order of session and time; one entry per play."""

    session: Ints
    user: Ints
    track: Ints
    duration: Ints  # ms
    suits: Floats  # affinity of track and listener
    repeated: Flags  # the listener knew the track
    bot: Flags
    context: Ints  # position in CONTEXTS
    played: Ints  # ms listened
    first: Flags  # the first of its session
    last: Flags
    started: Ints  # ms since the session began
    ended: Ints

    @property
    def early(self) -> Flags:
        """Plays that did not reach the track's end."""
        return self.played < self.duration

    @property
    def heard(self) -> Flags:
        """Plays of people that held for half of the track or more: these are remembered."""
        return (2 * self.played >= self.duration) & ~self.bot


def listen(today: Day, supply: Supply) -> Listening:
    """The plays of all the plan's music sessions; the listeners remember them."""
    rng, plan, chances = today.rng, today.plan, today.config.listening
    people, catalogue = supply.listeners.people, supply.catalogue
    seats = Seats.of(today)
    choice = put_on(today, seats, supply)
    suits = affinity(people.tastes[seats.user], catalogue.vectors[choice.track])
    appeal = _appeal(today, seats, suits, choice.repeated) + people.patience[seats.user]
    duration = catalogue.durations[choice.track]
    # Nothing appeals to a bot more than its song.
    standing = percentiles(rng, np.where(seats.bot, np.inf, appeal))
    played = np.where(seats.bot, duration, time_held(chances, standing, duration))
    gap, pause = _silences(rng, chances, seats)
    ended = running_totals(gap + played + pause, np.cumsum(plan.plays) - plan.plays, seats.session)
    plays = Listening(
        session=seats.session,
        user=seats.user,
        track=choice.track,
        duration=duration,
        suits=suits,
        repeated=choice.repeated,
        bot=seats.bot,
        context=seats.context,
        played=played,
        first=seats.turn == 0,
        last=seats.turn == plan.plays[seats.session] - 1,
        started=ended - played - pause,
        ended=ended,
    )
    supply.listeners.habits.remember(plays.user[plays.heard], plays.track[plays.heard])
    return plays


def _appeal(today: Day, seats: Seats, suits: Floats, repeated: Flags) -> Floats:
    """(n,) how much each play appeals, around 0; on the move less."""
    chances, devices = today.config.listening, today.config.devices
    mobile = np.array([name in devices.mobile for name in devices.shares])
    moving = mobile[today.plan.device][seats.session]
    mood = today.rng.normal(0, chances.mood_spread, len(suits))
    liking = chances.taste_weight * suits + chances.familiar_weight * repeated
    return np.asarray(liking + mood - devices.mobile_impatience * moving)


def music_spans(today: Day, plays: Listening) -> Ints:
    """(sessions,) how long each session lasts (ms): to the end of its last play and a little on; else 0."""
    size = len(today.plan)
    spans = np.zeros(size, np.int64)
    spans[plays.session[plays.last]] = plays.ended[plays.last]
    return spans + today.rng.integers(*today.config.listening.lead_out_ms, size) * (spans > 0)


def time_held(chances: ListeningChances, standing: Floats, duration: Ints) -> Ints:
    """ms listened (n,), from where each play stands in appeal (0 to 1) and the track's length."""
    shares = (chances.skipped_within_5s, chances.skipped_within_10s, chances.skipped_within_30s)
    edges = np.array([0.0, *shares, chances.ended_early])
    whole = len(edges) - 1
    step = np.clip(np.searchsorted(edges, standing, side="right") - 1, 0, whole)
    widths = np.maximum(np.diff(edges, append=2.0), np.finfo(float).tiny)
    within = (standing - edges[step]) / widths[step]
    lows = np.array([chances.shortest_play_ms, *_EDGES_MS, 0])[step]
    highs = np.where(step == whole - 1, duration, np.array([*_EDGES_MS, 0, 0])[step])
    held = lows + (within**chances.within_step * (highs - lows - 1)).astype(np.int64)
    return np.where(step == whole, duration, held)


def _silences(rng: np.random.Generator, chances: ListeningChances, seats: Seats) -> tuple[Ints, Ints]:
    """ms before each play, and ms paused during it; all far shorter than a session's end. Bots never rest."""
    size, turn = len(seats), seats.turn
    rests = (rng.random((2, size)) < chances.pause) & ~seats.bot
    long_gap = np.where(rests[0], rng.integers(*chances.long_gap_ms, size), 0)
    between = rng.integers(*chances.gap_ms, size) + long_gap
    gap = np.where(turn == 0, rng.integers(*chances.first_gap_ms, size), between)
    return gap, np.where(rests[1], rng.integers(*chances.pause_ms, size), 0)


def play_drafts(today: Day, plays: Listening, catalogue: Catalogue) -> list[Draft]:
    """The events of the plays: each start, each end, and a skip for each that was skipped."""
    rng, chances = today.rng, today.config.listening
    play_id = timed_ids(rng, today.plan.wished[plays.session] + plays.started)
    duration = plays.duration
    tags = catalogue.tags[pl.Series(plays.track)]
    left = plays.early & plays.last & (rng.random(len(duration)) < chances.cut_by_leaving)
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
        **_reasons(rng, chances, plays, skipped),
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


def _reasons(
    rng: np.random.Generator, chances: ListeningChances, plays: Listening, skipped: Flags
) -> dict[str, pl.Series]:
    """reason_start follows from how the play before it ended; the context lasts for the session."""
    size = len(skipped)
    forward = rng.random(size) < chances.forward
    ended = np.select([skipped & forward, skipped, plays.early], [0, 1, 2], 3)
    before = np.roll(ended, 1)
    began = np.where(plays.first, np.where(forward, 4, 5), before)
    endings = numbered(["fwdbtn", "backbtn", "endplay", "trackdone"])
    beginnings = numbered(["fwdbtn", "backbtn", "playbtn", "trackdone", "clickrow", "playbtn"])
    return {
        "reason_start": beginnings.gather(pl.Series(began)),
        "reason_end": endings.gather(pl.Series(ended)),
        "context": numbered(CONTEXTS).gather(pl.Series(plays.context)),
    }
