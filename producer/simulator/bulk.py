"""History straight into the lake: hour by hour, as the sink would have written it; no Kafka between.

Memory follows the busiest day, not the number of days.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import compute

from contracts.arrow import TIMESTAMP, event_schema
from contracts.bulk import BulkLake, KnownRows
from producer.simulator.arrays import Ints
from producer.simulator.config import SimulationConfig
from producer.simulator.defects import DUE
from producer.simulator.encode import keys, payloads, spoiled
from producer.simulator.ledger import Ledger
from producer.simulator.rhythm import HOUR_MS, epoch_ms
from producer.simulator.simulate import due_events

# What one object holds at most, and what is rendered at a time.
_MOST_ROWS = 200_000


@dataclass(frozen=True)
class Order:
    """A history to land: `config`, into the lake at `address`; only what is due in `hours` (epoch ms).

    `with_ledger`: defects are kept one by one, not only counted.
    """

    config: SimulationConfig
    address: str
    with_ledger: bool = False
    hours: tuple[int, int] | None = None

    @property
    def history(self) -> str:
        """22 characters, as many as a topic id has; they differ when anything in the order does."""
        part = "" if self.hours is None else f"-{self.hours[0] // HOUR_MS}"
        return f"{self.config.digest:032x}"[: 22 - len(part)] + part


Progress = Callable[[int], None]


def land_topics(
    order: Order, lake: BulkLake, topics: Collection[str], progress: Progress
) -> dict[str, Ledger]:
    """Land some topics in this process; returns the ledger of each."""
    ledgers = {topic: Ledger(counts_only=not order.with_ledger) for topic in topics}
    last_ms = epoch_ms(order.config.end) - 1
    with lake:
        for topic, due in due_events(order.config):
            if topic not in ledgers:
                continue
            for events, timestamps in _by_hour(due, last_ms):
                if order.hours is None or order.hours[0] <= timestamps[0] < order.hours[1]:
                    lake.land(known_rows(topic, events, timestamps, ledgers[topic]))
                    progress(len(events))
    return ledgers


def _by_hour(due: pl.DataFrame, last_ms: int) -> Iterator[tuple[pl.DataFrame, Ints]]:
    """The events of one hour after the other, in pieces for one object, and when each arrives (epoch ms).

    What is due after the end of the history arrives in its last millisecond: no broker knows the future.
    """
    timestamps = np.minimum(due[DUE].to_numpy(), last_ms)
    hours = np.flatnonzero(np.diff(timestamps // HOUR_MS)) + 1
    edges = np.concatenate([[0], hours, [len(due)]])
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        for first in range(start, end, _MOST_ROWS):
            most = min(_MOST_ROWS, end - first)
            yield due.slice(first, most), timestamps[first : first + most]


def known_rows(topic: str, events: pl.DataFrame, timestamps: Ints, ledger: Ledger) -> KnownRows:
    """Planted events that arrive at `timestamps`, as the lake takes them; writes defects to `ledger`."""
    sound = payloads(events)
    values = _binary(sound)
    changed = dict(spoiled(topic, events, sound, ledger))
    rows = np.fromiter(changed, np.int64, len(changed))
    if changed:
        mask = np.zeros(len(events), np.bool_)
        mask[rows] = True
        values = compute.replace_with_mask(values, pa.array(mask), pa.array(changed.values(), pa.binary()))
    return KnownRows(topic, timestamps, _binary(keys(events)), values, _columns(topic, events), rows)


def _columns(topic: str, events: pl.DataFrame) -> pa.Table:
    """The contract's columns, as the wire's text gives them back."""
    schema = event_schema(topic)
    found = [
        _typed(events[field.name], field.type) if field.name in events else pa.nulls(len(events), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(found, schema=schema)


def _typed(column: pl.Series, kind: pa.DataType) -> pa.Array:
    found = column.to_arrow(compat_level=pl.CompatLevel.oldest())
    return found.cast(pa.timestamp("ms")).view(kind) if kind == TIMESTAMP else found.cast(kind)


def _binary(column: pl.Series) -> pa.BinaryArray:
    return column.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.binary())
