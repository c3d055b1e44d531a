"""Listening as it happens: every event is sent when its moment has come, by the clock of this machine.

Each listener keeps the hours of their own time zone, so the day goes round the world. What lies before the
start is left out. A day (UTC) is made at once, when it begins.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from contracts.errors import BackbeatError
from producer.simulator.config import SimulationConfig, load_config
from producer.simulator.defects import DUE
from producer.simulator.encode import Batch, encode
from producer.simulator.ledger import Ledger
from producer.simulator.simulate import due_days

_DAY_S = 86_400
_TICK_S = 1


class Stopping(Protocol):
    """Waits up to so many seconds; true as soon as it is time to stop (see `producer.stop`)."""

    def wait(self, seconds: float) -> bool: ...


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
    stop: Stopping,
    clock: Callable[[], float] = time.time,
) -> Iterator[Batch]:
    """Batches as their moments come, until the history ends or `stop` says so; `ledger` counts them."""
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
