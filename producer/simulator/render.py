"""From columns to JSON, thousands of events at a time.

The JSON of an event is a few pieces joined: ids and times, whose digits stand side by side at the same places
in every event; numbers; and what repeats from event to event, rendered once for all that share it. Which
pieces there are may differ from batch to batch, the order of the fields never does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import compute

from contracts.events import Event
from producer.simulator.arrays import Ints
from producer.simulator.coded import Digits, arrow, fixed_text, hexadecimal
from producer.simulator.draft import AT, HIDDEN
from producer.simulator.fields import Field, Fixed, Loose, Repeated, field, text
from producer.simulator.randomness import uuid7_digits
from producer.simulator.spelling import spelled

# So many combinations of what repeats are rendered once for all events that share one.
_MOST_TOGETHER = 4_096
# A field of more kinds than this leads those that follow from it: a track its title, its artist …
_LEADS = 64
_ENVELOPE = frozenset(Event.model_fields)
_NUMBERS = ("ms_played", "position_ms", "duration_ms")


class Wire:
    """Planted `events` of one topic as they are sent, but for their defects: `values` is their JSON."""

    def __init__(self, events: pl.DataFrame) -> None:
        self.arrays = arrow(events)
        self._names = [name for name in self.arrays if name not in HIDDEN]
        self._digits = dict(self._spelled())
        self.values = self._json()

    def __len__(self) -> int:
        return len(self.values)

    def value(self, row: int) -> bytes:
        """The JSON of one event."""
        return bytes(self.values[row].as_buffer().to_pybytes())

    def event_id(self, row: int) -> str:
        """The id of one event."""
        return str(self._digits["event_id"][row].tobytes(), "ascii")

    def texts(self) -> dict[str, pa.StringArray]:
        """The ids as they are written, by name."""
        ids = [name for name in self._names if self.arrays[name].type == pa.uint64()]
        return {name: text(self.arrays[name], self._digits[name]) for name in ids}

    def _spelled(self) -> Iterator[tuple[str, Digits]]:
        """The text of ids and times by name: (n, width) ASCII codes, of zero where there is none."""
        for name in self._names:
            column = self.arrays[name]
            if name == "event_id":
                yield name, uuid7_digits(self.arrays[AT].to_numpy(), column.to_numpy())
            elif column.type == pa.uint64():
                yield name, hexadecimal(column.fill_null(0).to_numpy())
            elif pa.types.is_timestamp(column.type):
                yield name, spelled(column.view(pa.int64()).fill_null(0).to_numpy())

    def _json(self) -> pa.StringArray:
        order = sorted(self._names, key=lambda name: _rank(name, self.arrays[name].type))
        fields = [field(name, self.arrays[name], self._digits.get(name)) for name in order]
        return compute.binary_join_element_wise(*_pieces(fields), "}", "")


def _rank(name: str, kind: pa.DataType) -> int:
    """Ids and times first, then numbers, then what goes with a track, then what the envelope repeats."""
    if name == "event_id":
        return 0
    if kind == pa.uint64() or pa.types.is_timestamp(kind):
        return 1
    if name == "user_id":
        return 2
    if name in _NUMBERS:
        return 3 + _NUMBERS.index(name)
    return 7 if name in _ENVELOPE else 6


def _pieces(fields: Sequence[Field]) -> Iterator[pa.StringArray | str]:
    """What the JSON is joined from, without its end."""
    mark = "{"
    for kind, run in groupby(fields, type):
        if kind is Fixed:
            yield _side_by_side([one for one in run if isinstance(one, Fixed)], mark)
        elif kind is Repeated:
            for group in _groups([one for one in run if isinstance(one, Repeated)]):
                yield from _together(*group, mark)
                mark = ","
        else:
            for one in run:
                assert isinstance(one, Loose)  # noqa: S101 - groupby does not tell mypy
                yield f'{mark}"{one.name}":'
                yield one.texts
                mark = ","
        mark = ","


def _side_by_side(fields: Sequence[Fixed], mark: str) -> pa.StringArray:
    """Fields of fixed width as one text: a form, and the characters written into it."""
    form, places = "", []
    for one in fields:
        form += f'{mark}"{one.name}":"'
        places.append(len(form))
        form += " " * one.characters.shape[1] + '"'
        mark = ","
    text = np.tile(np.frombuffer(form.encode(), np.uint8), (len(fields[0].characters), 1))
    for one, place in zip(fields, places, strict=True):
        text[:, place : place + one.characters.shape[1]] = one.characters
    return fixed_text(text)


def _groups(fields: Sequence[Repeated]) -> Iterator[tuple[Sequence[Repeated], Ints, int]]:
    """Neighbours that are rendered together, the number (n,) of what is rendered, and how many there are."""
    led = [at for at, one in enumerate(fields) if _LEADS < one.kinds < one.MANY]
    if not led:
        yield from _small_groups(fields)
        return
    start = max(led, key=lambda at: fields[at].kinds)
    leader, end = fields[start], start + 1
    share = _rows_of(leader.values, leader.kinds)[leader.values]
    while start and fields[start - 1].follows(share):
        start -= 1
    while end < len(fields) and fields[end].follows(share):
        end += 1
    yield from _groups(fields[:start])
    yield fields[start:end], leader.values, leader.kinds
    yield from _groups(fields[end:])


def _small_groups(fields: Sequence[Repeated]) -> Iterator[tuple[Sequence[Repeated], Ints, int]]:
    group: list[Repeated] = []
    number, kinds = np.zeros(0, np.int64), 1
    for one in fields:
        if group and kinds * one.kinds > _MOST_TOGETHER:
            yield group, number, kinds
            group = []
        number, kinds = (
            (number * one.kinds + one.values, kinds * one.kinds) if group else (one.values, one.kinds)
        )
        group.append(one)
    if group:
        yield group, number, kinds


def _together(
    fields: Sequence[Repeated], number: Ints, kinds: int, mark: str
) -> Iterator[pa.StringArray | str]:
    """The JSON of fields that repeat together: of each `number` once, then for all."""
    if kinds >= Repeated.MANY:
        for one in fields:
            yield f'{mark}"{one.name}":'
            yield one.json(None)
            mark = ","
        return
    rows = _rows_of(number, kinds)
    there = rows >= 0
    parts: list[pa.StringArray | str] = []
    for one in fields:
        parts += [f'{mark}"{one.name}":', one.json(rows[there])]
        mark = ","
    texts = compute.binary_join_element_wise(*parts, "")
    yield texts.take(pa.array((np.cumsum(there) - 1)[number]))


def _rows_of(number: Ints, kinds: int) -> Ints:
    """(kinds,) a row of each number, -1 where there is none."""
    rows = np.full(kinds, -1)
    rows[number] = np.arange(len(number))
    return rows
