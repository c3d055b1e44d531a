"""Events before they have a time and an envelope: what happened, and how far into which session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from contracts.events import SCHEMA_VERSION
from producer.simulator.arrays import Ints
from producer.simulator.coded import numbered
from producer.simulator.population import Population
from producer.simulator.randomness import random_ids
from producer.simulator.sessions import Plan, Timing

SOURCE = "simulator"

Column = pl.Series | Ints

# Beside the wire's columns, for the way to the wire: when it happened and when it is sent (epoch ms), and the
# number of its defect.
AT, DUE, DEFECT = HIDDEN = ("_at", "_due", "_defect")

_SOURCES = numbered([SOURCE])


@dataclass(frozen=True)
class Draft:
    """Events of one topic; every array and column has one entry per event."""

    topic: str
    session: Ints  # number of the session in the day's plan
    at: Ints  # ms since the session began
    columns: Mapping[str, Column]
    times: Mapping[str, Ints] = field(default_factory=dict)  # further times, ms since the session began


@dataclass(frozen=True)
class Sender:
    """Who sent each event, on which device, in which session."""

    user: Ints
    device: Ints
    session_id: pl.Series


def times(epoch_ms: Ints) -> pl.Series:
    """(n,) times (UTC); the wire spells them only when they are sent."""
    return pl.Series(epoch_ms).cast(pl.Datetime("ms"))


def stamp(
    rng: np.random.Generator, draft: Draft, plan: Plan, timing: Timing, people: Population
) -> pl.DataFrame:
    """The draft's events as typed columns and `_at`, in no order, without what is past the horizon."""
    occurred = timing.start[draft.session] + draft.at
    there = timing.kept[draft.session] & (occurred < timing.horizon)
    own, session, times_ = pl.DataFrame(draft.columns), draft.session, draft.times
    if not there.all():
        rows = np.flatnonzero(there)
        own, session, occurred = own[pl.Series(rows)], session[rows], occurred[rows]
        times_ = {name: since[rows] for name, since in times_.items()}
    more = {name: times(timing.start[session] + since) for name, since in times_.items()}
    sender = Sender(plan.user[session], plan.device[session], plan.names.gather(pl.Series(session)))
    return envelope(rng, occurred, sender, people).with_columns(*own, **more)


def envelope(rng: np.random.Generator, occurred: Ints, sender: Sender, people: Population) -> pl.DataFrame:
    """The columns every event carries, and `_at`, from their times (epoch ms) and senders."""
    return pl.DataFrame(
        {
            AT: occurred,
            "event_id": random_ids(rng, len(occurred)),  # with the time it becomes a UUIDv7 on the wire
            "schema_version": np.full(len(occurred), SCHEMA_VERSION),
            "user_id": people.user_ids.gather(pl.Series(sender.user)),
            "occurred_at": times(occurred),
            "source": _SOURCES.new_from_index(0, len(occurred)),
            "country": people.country_codes.gather(pl.Series(people.country[sender.user])),
            "device": people.device_names.gather(pl.Series(sender.device)),
            "session_id": sender.session_id,
        }
    )
