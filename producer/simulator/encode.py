"""From columns to the bytes that are sent, in the order they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from producer.simulator.defects import DEFECT, DUE, EXPECTED_CODES, MOVED, NAMES, SOUND, spoil
from producer.simulator.draft import AT
from producer.simulator.ledger import Ledger

# Rows of one batch: with ~550 bytes each, some 30 MB are in flight, however busy the day.
MOST_ROWS = 50_000


@dataclass(frozen=True)
class Batch:
    """Events of one topic in the order they are to be published; keys and values go together."""

    topic: str
    keys: list[bytes]
    values: list[bytes]

    def __len__(self) -> int:
        return len(self.values)


class Outbox:
    """Events of one topic that wait for the moment they are due."""

    def __init__(self) -> None:
        self._waiting: list[pl.DataFrame] = []

    def add(self, events: pl.DataFrame) -> None:
        """Take planted events (see `defects.plant`)."""
        self._waiting.append(events)

    def release(self, until_ms: int | None) -> pl.DataFrame | None:
        """What is due before `until_ms` (None: everything), in the order it is sent; None: nothing waits."""
        if not self._waiting:
            return None
        waiting = pl.concat(self._waiting)
        due = waiting if until_ms is None else waiting.filter(pl.col(DUE) < until_ms)
        self._waiting = [] if until_ms is None else [waiting.filter(pl.col(DUE) >= until_ms)]
        # An event that moved to another's moment comes after it.
        return due.sort(pl.col(DUE), pl.col(DEFECT) <= MOVED, maintain_order=True)


def payloads(events: pl.DataFrame) -> pl.Series:
    """The JSON of planted events as it is without their defects, as bytes."""
    wire = events.drop(AT, DUE, DEFECT).with_columns(pl.selectors.datetime().dt.to_string("iso:strict") + "Z")
    return wire.select(pl.struct(pl.all()).struct.json_encode()).to_series().cast(pl.Binary)


def spoiled(
    topic: str, events: pl.DataFrame, values: pl.Series, ledger: Ledger
) -> Iterator[tuple[int, bytes]]:
    """The rows whose bytes a defect changes, and those bytes; every defect is written to `ledger`."""
    ledger.count(topic, len(events))
    defects = events[DEFECT].to_numpy()
    for row in np.flatnonzero(defects != SOUND).tolist():
        name, value = NAMES[defects[row]], values[row]
        if defects[row] > MOVED:
            value = spoil(topic, name, value)
            yield row, value
        event_id = None if name == "not_json" else events["event_id"][row]
        ledger.record(name, topic, event_id, value, EXPECTED_CODES[name])


def keys(events: pl.DataFrame) -> pl.Series:
    """The Kafka key of each event, as bytes."""
    return events["user_id"].cast(pl.Binary)


def encode(topic: str, events: pl.DataFrame, ledger: Ledger) -> Batch:
    """The bytes of planted events; spoils the defective ones and writes them to `ledger`."""
    sound = payloads(events)
    values = sound.to_list()
    for row, value in spoiled(topic, events, sound, ledger):
        values[row] = value
    return Batch(topic, keys(events).to_list(), values)
