"""A simulation in real time: each event is sent when it is due by the clock, until somebody stops it.

    with Timetable(config, position.reached_ms) as timetable:
        Live(timetable, position, target, ledger).run(stop, told)

`Position` remembers up to which moment events have been sent, and is written before they are: a run that
was stopped goes on behind it, and one that was killed has lost at most what was due within one tick.
Nothing is sent twice.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from contracts.errors import BackbeatError
from producer.simulator.config import SimulationConfig
from producer.simulator.destination import Destination
from producer.simulator.encode import encode
from producer.simulator.ledger import Ledger
from producer.simulator.timetable import Timetable
from producer.simulator.whole_file import whole

DAY_S = 86_400
# Events of about as much time are sent together: to send them one by one would cost fifty times the work.
TICK_MS = 500
# A day lies in memory, at some 250 bytes an event.
MOST_PER_SECOND = 200.0
_WINDOW_DAYS = 365


def clock_ms() -> int:
    """Now (epoch ms)."""
    return time.time_ns() // 1_000_000


@dataclass
class Position:
    """Up to which moment (epoch ms) the events of a simulation have been sent, kept in the file at `path`."""

    path: Path
    digest: str
    start: str  # the first simulated day
    reached_ms: int

    def move(self, reached_ms: int) -> None:
        """Remember a later moment. Raises BackbeatError when the file cannot be written."""
        self.reached_ms = reached_ms
        text = json.dumps({"digest": self.digest, "start": self.start, "reached_ms": reached_ms})
        with whole(self.path) as partial:
            partial.write_text(text)


def position_at(path: Path, configured: Callable[[datetime], SimulationConfig], now_ms: int) -> Position:
    """The position to go on from; the present moment where there is no file at `path` yet.

    `configured` makes the simulation that starts on a day. Raises BackbeatError for another one's file.
    """
    try:
        held = json.loads(path.read_text())
        start, digest, reached = str(held["start"]), str(held["digest"]), int(held["reached_ms"])
        began = datetime.fromisoformat(start).replace(tzinfo=UTC)
    except FileNotFoundError:
        began = datetime.fromtimestamp(now_ms / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        config = configured(began)
        return Position(path, f"{config.digest:032x}", f"{began:%Y-%m-%d}", now_ms)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackbeatError(f"{path}: is not where a live simulation stands: {error}") from error
    if f"{configured(began).digest:032x}" != digest:
        raise BackbeatError(
            f"{path}: is where another simulation stands: give the same settings, or another --position"
        )
    return Position(path, digest, start, reached)


def live_window(rate: float, start: datetime, days: int | None) -> dict[str, Any]:
    """The settings of a simulation that begins at `start` and has `rate` events a second, on average."""
    if not 0 < rate <= MOST_PER_SECOND:
        raise BackbeatError(
            f"--rate {rate:g}: must lie between 0 and {MOST_PER_SECOND:g}, because a day's events lie in "
            "memory: for more, run several, each with a --seed and a --position of its own"
        )
    window = days or _WINDOW_DAYS
    return {"events": round(rate * DAY_S * window), "days": window, "end": start + timedelta(days=window)}


class Stopping(Protocol):
    """Waits up to so many seconds; true as soon as it is time to stop (see `producer.stop`)."""

    def wait(self, seconds: float) -> bool: ...


class Live:
    """Sends what is due by `clock` (epoch ms); `ledger` counts it."""

    def __init__(
        self,
        timetable: Timetable,
        position: Position,
        target: Destination,
        ledger: Ledger,
        clock: Callable[[], int] = clock_ms,
    ) -> None:
        self._timetable, self._position, self._target = timetable, position, target
        self._ledger, self._clock = ledger, clock

    def run(self, stop: Stopping, told: Callable[[int], None]) -> None:
        """Go on until it is time to stop; `told` is called with how many events have been sent."""
        while True:
            told(self.tick())
            left_ms = self._timetable.next_ms() - self._clock()
            if stop.wait(max(left_ms, TICK_MS) / 1_000):
                return

    def tick(self) -> int:
        """Send what has become due, and return how many events that was when they are safe."""
        now, sent = self._clock(), 0
        if now <= self._position.reached_ms:
            return 0  # the clock was set back
        due = list(self._timetable.due(now))
        self._position.move(now)
        for topic, events in due:
            batch = encode(topic, events, self._ledger)
            self._target.publish_many(batch.topic, batch.keys, batch.values)
            sent += len(batch)
        self._target.flush()
        return sent
