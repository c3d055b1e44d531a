"""From columns to the bytes that are sent, in the order they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from producer.simulator.arrays import ordered
from producer.simulator.defects import EXPECTED_CODES, MOVED, NAMES, SOUND, spoil
from producer.simulator.draft import DEFECT, DUE
from producer.simulator.ledger import Ledger
from producer.simulator.render import Wire

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
        due = waiting[DUE].to_numpy()
        if until_ms is None:
            rows, self._waiting = np.arange(len(due)), []
        else:
            rows = np.flatnonzero(due < until_ms)
            self._waiting = [waiting[pl.Series(np.flatnonzero(due >= until_ms))]]
        # An event that moved to another's moment comes after it.
        moved = waiting[DEFECT].to_numpy()[rows] <= MOVED
        return waiting[pl.Series(rows[ordered(2 * due[rows] + moved)])]


def spoiled(topic: str, wire: Wire, ledger: Ledger) -> Iterator[tuple[int, bytes]]:
    """The rows whose bytes a defect changes, and those bytes; every defect is written to `ledger`."""
    ledger.count(topic, len(wire))
    defects = wire.arrays[DEFECT].to_numpy()
    for row in np.flatnonzero(defects != SOUND).tolist():
        name, changed = NAMES[defects[row]], bool(defects[row] > MOVED)
        value, event_id = b"", None
        if changed or not ledger.counts_only:
            value = wire.value(row)
        if changed:
            value = spoil(topic, name, value)
            yield row, value
        if name != "not_json" and not ledger.counts_only:
            event_id = wire.event_id(row)
        ledger.record(name, topic, event_id, value, EXPECTED_CODES[name])


def encode(topic: str, events: pl.DataFrame, ledger: Ledger) -> Batch:
    """The bytes of planted events; spoils the defective ones and writes them to `ledger`."""
    wire = Wire(events)
    values = as_bytes(wire.values)
    for row, value in spoiled(topic, wire, ledger):
        values[row] = value
    return Batch(topic, as_bytes(wire.arrays["user_id"]), values)


def as_bytes(texts: pa.StringArray) -> list[bytes]:
    """The bytes of each text."""
    series = pl.from_arrow(texts.cast(pa.large_binary()))
    assert isinstance(series, pl.Series)  # noqa: S101 - from_arrow types both of its results as one
    return series.to_list()
