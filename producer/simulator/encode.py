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

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._waiting: list[pl.DataFrame] = []

    def add(self, events: pl.DataFrame) -> None:
        """Take planted events (see `defects.plant`)."""
        self._waiting.append(events)

    def release(self, until_ms: int | None, ledger: Ledger) -> Iterator[Batch]:
        """What is due before `until_ms` (None: everything left), in order, written to `ledger`."""
        if not self._waiting:
            return
        waiting = pl.concat(self._waiting)
        due = waiting if until_ms is None else waiting.filter(pl.col(DUE) < until_ms)
        self._waiting = [] if until_ms is None else [waiting.filter(pl.col(DUE) >= until_ms)]
        # An event that moved to another's moment comes after it.
        due = due.sort(pl.col(DUE), pl.col(DEFECT) <= MOVED, maintain_order=True)
        for rows in due.iter_slices(MOST_ROWS):
            yield encode(self._topic, rows, ledger)


def encode(topic: str, events: pl.DataFrame, ledger: Ledger) -> Batch:
    """The bytes of planted events; spoils the defective ones and writes them to `ledger`."""
    wire = events.drop(AT, DUE, DEFECT)
    values = wire.select(pl.struct(pl.all()).struct.json_encode()).to_series().cast(pl.Binary).to_list()
    ledger.count(topic, len(values))
    defects = events[DEFECT].to_numpy()
    for row in np.flatnonzero(defects != SOUND).tolist():
        name = NAMES[defects[row]]
        if defects[row] > MOVED:
            values[row] = spoil(topic, name, values[row])
        event_id = None if name == "not_json" else events["event_id"][row]
        ledger.record(name, topic, event_id, values[row], EXPECTED_CODES[name])
    return Batch(topic, wire["user_id"].cast(pl.Binary).to_list(), values)
