"""The simulation, day by day: plan who comes, let them listen, spoil a little, send in order.

Memory follows the busiest day, not the number of days: a day's events are encoded and handed over
before the next one begins; only what is late (up to three days) waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, sqrt

import numpy as np
import polars as pl

from contracts.events import TOPICS
from producer.simulator.accounts import account_drafts
from producer.simulator.arrays import Floats
from producer.simulator.bots import build_bots
from producer.simulator.catalogue import build_catalogue
from producer.simulator.choice import Supply
from producer.simulator.coded import coded, numbered
from producer.simulator.config import SimulationConfig
from producer.simulator.defects import plant
from producer.simulator.draft import Draft, stamp
from producer.simulator.encode import MOST_ROWS, Batch, Outbox, encode
from producer.simulator.ledger import Ledger
from producer.simulator.likes import like_draft
from producer.simulator.listening import listen, music_spans, play_drafts
from producer.simulator.pages import Chain, browse_spans, page_draft, stray_views
from producer.simulator.podcasts import podcast_draft
from producer.simulator.population import begin, build_population
from producer.simulator.randomness import daily_stream
from producer.simulator.rhythm import DAY_MS, daily_shares, day_start, epoch_ms
from producer.simulator.sessions import plan_day, settle
from producer.simulator.shows import Shows, build_shows

__all__ = ["Batch", "simulate"]

# Before the first day has shown how many events a session brings.
_FIRST_GUESS = 60.0
_GUESS_SESSIONS = 20


class Pace:
    """How many sessions each day needs so that the events add up to what was asked."""

    def __init__(self, config: SimulationConfig) -> None:
        per_day = config.events / config.days
        # The last day's surprise: sessions cut off by the end, and their scatter.
        slack = per_day / 10 + 30 * sqrt(per_day / _FIRST_GUESS)
        self._wanted: Floats = (config.events + slack) * np.cumsum(daily_shares(config))
        self._asked = 0
        self.made = 0

    def sessions(self, day: int) -> int:
        """Sessions to ask for on `day`, by what those asked for so far brought."""
        each = (_FIRST_GUESS * _GUESS_SESSIONS + self.made) / (_GUESS_SESSIONS + self._asked)
        count = max(1, ceil(float(self._wanted[day] - self.made) / each))
        self._asked += count
        return count


@dataclass(frozen=True)
class World:
    """Everything the events come from; `supply.listeners` change from day to day."""

    config: SimulationConfig
    supply: Supply
    shows: Shows
    chain: Chain

    def events_of(self, rng: np.random.Generator, day: int, sessions: int) -> dict[str, pl.DataFrame]:
        """The events of the sessions that begin on `day`, by topic, in no order of time."""
        config, supply, listeners = self.config, self.supply, self.supply.listeners
        people = listeners.people
        today = plan_day(rng, config, day, (listeners, supply.bots), sessions)
        plan = today.plan
        plays = listen(today, supply)
        spans = music_spans(today, plays)
        podcasts = podcast_draft(today, self.shows, people, spans)
        browse_spans(today, spans)
        timing = settle(today, spans, listeners)
        drafts: list[Draft] = [
            *play_drafts(today, plays, supply.catalogue),
            like_draft(rng, config.likes, plays, supply.catalogue, listeners),
            page_draft(today, self.chain, spans, listeners.level[plan.user]),
            *account_drafts(today, spans, timing.kept, listeners),
            podcasts,
        ]
        listeners.fall_silent(rng, config, day)
        return {draft.topic: stamp(rng, draft, plan, timing, people) for draft in drafts}

    def stray_views(self, rng: np.random.Generator, day_ms: int, count: int) -> pl.DataFrame:
        """`count` more events for the day that begins at `day_ms`."""
        return stray_views(rng, self.chain, self.supply.listeners.people, day_ms, count)


def build_world(config: SimulationConfig) -> World:
    """The world of a configuration before its first day."""
    people = build_population(config)
    people = replace(
        people, country_codes=numbered(people.country_codes), device_names=numbered(people.device_names)
    )
    listeners, catalogue, shows = begin(config, people), build_catalogue(config), build_shows(config)
    bots = build_bots(config, people, catalogue.released)
    supply = Supply(replace(catalogue, tags=coded(catalogue.tags)), listeners, bots)
    chain = Chain.of(config.pages)
    return World(
        config,
        supply,
        replace(shows, episodes=coded(shows.episodes)),
        replace(chain, names=numbered(chain.names)),
    )


def daily_events(config: SimulationConfig) -> Iterator[tuple[int, str, pl.DataFrame]]:
    """(end of the day in epoch ms, topic, planted events in the order they are sent), day by day.

    At least `config.events` events; what is due after the last day comes with it, at the end.
    """
    world, pace = build_world(config), Pace(config)
    outboxes = {topic: Outbox() for topic in TOPICS}
    end = epoch_ms(config.end)
    for day in range(config.days):
        rng = daily_stream(config, day)
        begins = epoch_ms(day_start(config, day))
        events = world.events_of(rng, day, pace.sessions(day))
        pace.made += sum(map(len, events.values()))
        missing = config.events - pace.made
        if day == config.days - 1 and missing > 0:
            strays = world.stray_views(rng, begins, missing)
            events["page_views"] = pl.concat([events["page_views"], strays])
        for topic, outbox in outboxes.items():
            outbox.add(plant(rng, topic, events.pop(topic), config))
            if (due := outbox.release(begins + DAY_MS)) is not None:
                yield begins + DAY_MS, topic, due
    for topic, outbox in outboxes.items():
        if (due := outbox.release(None)) is not None:
            yield end, topic, due


def due_events(config: SimulationConfig) -> Iterator[tuple[str, pl.DataFrame]]:
    """(topic, planted events in the order they are sent): each topic's share of a day, day by day."""
    for _, topic, due in daily_events(config):
        yield topic, due


def simulate(config: SimulationConfig, ledger: Ledger | None = None) -> Iterator[Batch]:
    """Batches to publish in this order: each topic's share of the first day, then of the next, and so on.

    The same configuration gives the same bytes. `ledger` is complete once the last batch has been taken.
    """
    ledger = Ledger() if ledger is None else ledger
    for topic, due in due_events(config):
        for rows in due.iter_slices(MOST_ROWS):
            yield encode(topic, rows, ledger)
