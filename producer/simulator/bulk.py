"""History straight into the lake: hour by hour, as the sink would have written it; no Kafka between.

Memory follows the busiest day, not the number of days.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa

from contracts.arrow import TIMESTAMP, event_schema
from contracts.bulk import BulkLake, KnownRows
from producer.simulator.arrays import Ints
from producer.simulator.config import SimulationConfig
from producer.simulator.draft import DUE
from producer.simulator.encode import spoiled
from producer.simulator.ledger import Ledger
from producer.simulator.render import Wire
from producer.simulator.rhythm import HOUR_MS, epoch_ms
from producer.simulator.simulate import due_events

# What one object holds at most; fewer are rendered together, as long as they are so few.
_MOST_ROWS = 100_000
_TOGETHER = 20_000


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
    with lake, _keeping_memory():
        for topic, due in due_events(order.config):
            if topic not in ledgers:
                continue
            for rows in known(order.config, topic, due, ledgers[topic], order.hours):
                lake.land(rows)
                progress(len(rows))
    return ledgers


@contextmanager
def _keeping_memory() -> Iterator[None]:
    """Have Arrow's memory from malloc, which keeps what it is given back for the next piece.

    Arrow's usual allocator gives it to the system at once: to get it again cost a tenth of a bulk run.
    """
    usual = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(usual)


def known(
    config: SimulationConfig,
    topic: str,
    due: pl.DataFrame,
    ledger: Ledger,
    hours: tuple[int, int] | None = None,
) -> Iterator[KnownRows]:
    """The rows of one object after the other; writes defects to `ledger`."""
    # What is due after the end arrives in its last millisecond: no broker knows the future.
    arrivals = np.minimum(due[DUE].to_numpy(), epoch_ms(config.end) - 1)
    for portion in _portions(_objects(arrivals, hours)):
        yield from _known_rows(topic, due, arrivals, portion, ledger)


def _objects(arrivals: Ints, hours: tuple[int, int] | None) -> Iterator[tuple[int, int]]:
    """The rows from … to … of each object: an hour, or as much of it as one holds."""
    first, last = (0, len(arrivals)) if hours is None else np.searchsorted(arrivals, hours).tolist()
    edges = np.flatnonzero(np.diff(arrivals[first:last] // HOUR_MS)) + 1 + first
    for start, end in pairwise([first, *edges.tolist(), last]):
        for begin in range(start, end, _MOST_ROWS):
            yield begin, min(begin + _MOST_ROWS, end)


def _portions(objects: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """As many objects at a time as are rendered together: to render few rows costs as much as some more."""
    portion: list[tuple[int, int]] = []
    for start, end in objects:
        if portion and end - portion[0][0] > _TOGETHER:
            yield portion
            portion = []
        portion.append((start, end))
    if portion:
        yield portion


def _known_rows(
    topic: str, due: pl.DataFrame, arrivals: Ints, objects: list[tuple[int, int]], ledger: Ledger
) -> Iterator[KnownRows]:
    """The rows of neighbouring objects as the lake takes them; writes defects to `ledger`."""
    first, last = objects[0][0], objects[-1][1]
    wire = Wire(due[first:last])
    changed = dict(spoiled(topic, wire, ledger))
    values = _with(wire.values.cast(pa.binary()), changed)
    rows = np.fromiter(changed, np.int64, len(changed))
    columns = _columns(topic, wire)
    keys = wire.arrays["user_id"].cast(pa.binary())
    for start, end in objects:
        part = slice(start - first, end - first)
        inside = rows[(rows >= part.start) & (rows < part.stop)] - part.start
        known = [column[part] for column in columns]
        yield KnownRows(topic, arrivals[start:end], keys[part], values[part], known, inside)


def _with(values: pa.BinaryArray, changed: dict[int, bytes]) -> pa.BinaryArray:
    """The values, those at the `changed` rows (ascending) replaced; what lies between is copied at once."""
    pieces, at = [], 0
    for row, value in changed.items():
        pieces += [values[at:row], pa.array([value], pa.binary())]
        at = row + 1
    return pa.concat_arrays([*pieces, values[at:]])


def _columns(topic: str, wire: Wire) -> list[pa.Array]:
    """The contract's columns, as the wire's text gives them back."""
    found = wire.arrays | wire.texts()
    return [
        _typed(found[field.name], field.type) if field.name in found else pa.nulls(len(wire), field.type)
        for field in event_schema(topic)
    ]


def _typed(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        codes, texts = column.indices.cast(pa.int32()), column.dictionary.cast(kind)
        return pa.DictionaryArray.from_arrays(codes, texts)
    return column.cast(pa.timestamp("ms")).view(kind) if kind == TIMESTAMP else column.cast(kind)
