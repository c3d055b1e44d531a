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
from producer.simulator.catalogue import Catalogue, build_catalogue
from producer.simulator.coded import coded
from producer.simulator.config import SimulationConfig
from producer.simulator.defects import plant
from producer.simulator.draft import Draft, stamp
from producer.simulator.encode import MOST_ROWS, Batch, Outbox, encode
from producer.simulator.ledger import Ledger
from producer.simulator.likes import like_draft
from producer.simulator.listening import listen, music_spans, play_drafts
from producer.simulator.pages import browse_spans, page_draft, stray_views
from producer.simulator.podcasts import podcast_draft
from producer.simulator.population import Listeners, begin, build_population
from producer.simulator.randomness import daily_stream
from producer.simulator.rhythm import DAY_MS, daily_shares, day_start, epoch_ms
from producer.simulator.sessions import plan_day, settle
from producer.simulator.shows import Shows, build_shows

__all__ = ["Batch", "simulate"]

# Before the first day has shown how many events a session brings.
_FIRST_GUESS = 27.0
_GUESS_SESSIONS = 20


class Pace:
    """How many sessions each day needs so that the events add up to what was asked."""

    def __init__(self, config: SimulationConfig) -> None:
        per_day = config.events / config.days
        # The last day's surprise: sessions cut off by the end, and their scatter.
        slack = 0.1 * per_day + 30 * sqrt(per_day / _FIRST_GUESS)
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
    """Everything the events come from; `listeners` change from day to day."""

    config: SimulationConfig
    catalogue: Catalogue
    shows: Shows
    listeners: Listeners

    def events_of(self, rng: np.random.Generator, day: int, sessions: int) -> dict[str, pl.DataFrame]:
        """The events of the sessions that begin on `day`, by topic, in no order of time."""
        listeners, people = self.listeners, self.listeners.people
        plan = plan_day(rng, self.config, day, listeners, sessions)
        plays = listen(rng, self.config, plan, self.catalogue, listeners)
        spans = music_spans(rng, plan, plays)
        podcasts = podcast_draft(rng, plan, self.shows, people, spans)
        browse_spans(rng, plan, spans)
        timing = settle(rng, plan, spans, listeners, epoch_ms(self.config.end))
        drafts: list[Draft] = [
            *play_drafts(rng, plays, self.catalogue),
            like_draft(rng, plays, self.catalogue, listeners),
            page_draft(rng, plan, spans),
            *account_drafts(rng, plan, spans, timing.kept, listeners),
            podcasts,
        ]
        return {draft.topic: stamp(rng, draft, plan, timing, people) for draft in drafts}


def build_world(config: SimulationConfig) -> World:
    """The world of a configuration before its first day."""
    people, catalogue, shows = build_population(config), build_catalogue(config), build_shows(config)
    return World(
        config,
        replace(catalogue, tags=coded(catalogue.tags)),
        replace(shows, episodes=coded(shows.episodes)),
        begin(people),
    )


def due_events(config: SimulationConfig) -> Iterator[tuple[str, pl.DataFrame]]:
    """(topic, planted events in the order they are sent): each topic's share of a day, day by day.

    At least `config.events` events; what is due after the last day comes at the end.
    """
    world, pace = build_world(config), Pace(config)
    outboxes = {topic: Outbox() for topic in TOPICS}
    for day in range(config.days):
        rng = daily_stream(config, day)
        begins = epoch_ms(day_start(config, day))
        events = world.events_of(rng, day, pace.sessions(day))
        pace.made += sum(map(len, events.values()))
        missing = config.events - pace.made
        if day == config.days - 1 and missing > 0:
            views = events["page_views"]
            strays = stray_views(rng, world.listeners.people, begins, missing).cast(dict(views.schema))
            events["page_views"] = pl.concat([views, strays])
        for topic, outbox in outboxes.items():
            outbox.add(plant(rng, topic, events[topic], config.defects))
            if (due := outbox.release(begins + DAY_MS)) is not None:
                yield topic, due
    for topic, outbox in outboxes.items():
        if (due := outbox.release(None)) is not None:
            yield topic, due


def simulate(config: SimulationConfig, ledger: Ledger | None = None) -> Iterator[Batch]:
    """Batches to publish in this order: each topic's share of the first day, then of the next, and so on.

    The same configuration gives the same bytes. `ledger` is complete once the last batch has been taken.
    """
    ledger = Ledger() if ledger is None else ledger
    for topic, due in due_events(config):
        for rows in due.iter_slices(MOST_ROWS):
            yield encode(topic, rows, ledger)
