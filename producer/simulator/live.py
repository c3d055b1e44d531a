"""Listening as it happens: every event is sent when its moment has come, by the clock of this machine.

Each listener keeps the hours of their own time zone, so the day goes round the world. What lies before the
start is left out. A day (UTC) is made at once, when it begins.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

import polars as pl

from contracts.errors import BackbeatError
from producer.simulator.config import SimulationConfig, load_config
from producer.simulator.defects import DUE
from producer.simulator.encode import Batch, encode
from producer.simulator.ledger import Ledger
from producer.simulator.simulate import due_days

_DAY_S = 86_400
_TICK_S = 0.5


def live_config(path: Path | None, rate: float, today: datetime, given: dict[str, Any]) -> SimulationConfig:
    """A history that begins `today` (a midnight, UTC) with `rate` events a second on average.

    `given` as for `load_config`, without events and end. Raises BackbeatError.
    """
    for name in ("events", "end"):
        if given.pop(name, None) is not None:
            raise BackbeatError(f"--rate {rate:g}: --{name} follows from it; leave it out")
    usual = load_config(path, default_end=today, **given)
    events, end = ceil(rate * _DAY_S * usual.days), today + timedelta(days=usual.days)
    return load_config(path, **{**given, "events": events, "end": end})


def live(
    config: SimulationConfig,
    ledger: Ledger,
    stop: Event,
    clock: Callable[[], float] = time.time,
) -> Iterator[Batch]:
    """Batches as their moments come, until the history ends or `stop` is set; `ledger` counts them."""
    started = round(1_000 * clock())
    for due in islice(due_days(config), config.days):
        waiting = {topic: rows.filter(pl.col(DUE) >= started) for topic, rows in due.items()}
        while any(map(len, waiting.values())):
            now = round(1_000 * clock())
            for topic, rows in waiting.items():
                ready = int(rows[DUE].search_sorted(now, side="right"))
                waiting[topic] = rows[ready:]
                if ready:
                    yield encode(topic, rows[:ready], ledger)
            if stop.wait(_TICK_S):
                return


@contextmanager
def stopped_by_signals() -> Iterator[Event]:
    """An event that Ctrl-C and SIGTERM set, instead of ending the process; a second Ctrl-C ends it."""
    stop = Event()

    def set_stop(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, set_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
