"""The events of a simulation that goes on for ever, by the moment they are due.

A day is simulated before it begins, and the next one when its last hour has come. What has been a window of
a simulation is followed by the next one of the same length: the same people, names and tastes.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from types import TracebackType
from typing import Self

import numpy as np
import polars as pl

from producer.simulator.config import SimulationConfig
from producer.simulator.draft import DUE
from producer.simulator.rhythm import HOUR_MS
from producer.simulator.simulate import daily_events

# The end of a day (epoch ms), and the events that are due in it by topic, in the order they are due.
_Day = tuple[int, list[tuple[str, pl.DataFrame]]]


class Timetable:
    """What is due when; nothing of what was due until `after_ms` (epoch ms)."""

    def __init__(self, config: SimulationConfig, after_ms: int) -> None:
        self._days = _days(config)
        self._pool = ThreadPoolExecutor(1, "next-day")
        self._waiting: dict[str, list[pl.DataFrame]] = {}
        self._end = 0
        self._coming: Future[_Day] | None = None
        while self._end <= after_ms:
            self._turn_over()
            self._take(after_ms)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def due(self, until_ms: int) -> Iterator[tuple[str, pl.DataFrame]]:
        """(topic, events) that have become due since the last time, up to and with `until_ms`."""
        while True:
            yield from self._take(min(until_ms, self._end - 1))
            if self._coming is None and until_ms >= self._end - HOUR_MS:
                self._coming = self._pool.submit(next, self._days)
            if until_ms < self._end:
                return
            self._turn_over()

    def next_ms(self) -> int:
        """When the next event is due (epoch ms), or the day is over."""
        firsts = [int(frame[DUE][0]) for frames in self._waiting.values() for frame in frames]
        return min([self._end, *firsts])

    def _turn_over(self) -> None:
        """Make the next day the present one."""
        self._end, events = next(self._days) if self._coming is None else self._coming.result()
        self._coming = None
        for topic, frame in events:
            if len(frame):
                self._waiting.setdefault(topic, []).append(frame)

    def _take(self, until_ms: int) -> list[tuple[str, pl.DataFrame]]:
        taken = []
        for topic, frames in self._waiting.items():
            cuts = [int(np.searchsorted(frame[DUE].to_numpy(), until_ms, side="right")) for frame in frames]
            taken += [(topic, frame[:cut]) for frame, cut in zip(frames, cuts, strict=True) if cut]
            left = [frame[cut:] for frame, cut in zip(frames, cuts, strict=True)]
            self._waiting[topic] = [frame for frame in left if len(frame)]
        return taken


def _days(config: SimulationConfig) -> Iterator[_Day]:
    """The days of one window after the other."""
    while True:
        for end, events in groupby(daily_events(config), itemgetter(0)):
            yield end, [(topic, due) for _, topic, due in events]
        config = config.model_copy(update={"end": config.end + timedelta(days=config.days)})
