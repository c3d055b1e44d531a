"""`backbeat simulate --rate`: listeners by the clock, until somebody stops them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from contracts.errors import BackbeatError
from producer.simulator.config import SimulationConfig, load_config
from producer.simulator.destination import destination
from producer.simulator.landing import LakeStore, land_episodes
from producer.simulator.ledger import Ledger
from producer.simulator.live import Live, clock_ms, live_window, position_at
from producer.simulator.timetable import Timetable
from producer.stop import Stop

POSITION = Path("var/live.json")

_stderr = Console(stderr=True)


@dataclass(frozen=True)
class LiveOptions:
    """What was asked for: `rate` events a second; `given` holds the options of any simulation, or None."""

    rate: float
    position: Path
    config: Path | None
    given: Mapping[str, Any]
    to: str = "kafka"

    def configured(self, start: datetime) -> SimulationConfig:
        """The simulation that begins at `start`. Raises BackbeatError for options that do not fit."""
        for name in ("events", "end"):
            if self.given.get(name) is not None:
                raise BackbeatError(f"--{name}: does not go with --rate, which runs from now on")
        window = live_window(self.rate, start, self.given.get("days"))
        return load_config(self.config, **{**self.given, **window})


def go_live(options: LiveOptions, truth: Ledger, store: LakeStore | None) -> SimulationConfig:
    """Send events when they are due, until SIGINT or SIGTERM; `truth` counts them. Returns what it was.

    `store`: where the episodes CSV goes, if anywhere.
    """
    position = position_at(options.position, options.configured, clock_ms())
    config = options.configured(datetime.fromisoformat(f"{position.start}T00:00:00+00:00"))
    if store is not None:
        land_episodes(config, store)
    with Stop() as stop, destination(options.to) as (target, finish):
        with _stderr.status("simulating the days so far"):
            timetable = Timetable(config, position.reached_ms)
        with timetable, _stderr.status("live") as status:
            live = Live(timetable, position, target, truth)
            live.run(stop, _teller(status.update, config))
        finish(lambda landed, sent: None)
    return config


def _teller(show: Callable[[str], None], config: SimulationConfig) -> Callable[[int], None]:
    total = 0

    def told(events: int) -> None:
        nonlocal total
        total += events
        show(f"live: {total:,} events of {config.listeners:,} listeners; stop with Ctrl-C")

    return told
