"""The lake of the scale benchmark: a history of so many plays, then an hour or a day more of it."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backbeat import bulk_for
from benchmarks.clock import Clock
from benchmarks.stage import say
from consumer.folder import FolderStore
from producer.simulator.bulk import Order
from producer.simulator.config import SimulationConfig
from producer.simulator.crew import land
from producer.simulator.landing import land_episodes
from producer.simulator.rhythm import HOUR_MS, epoch_ms
from serving.settings import ServingSettings

# The same for every size: an hour is then the same hour, and only the history behind it differs.
PLAYS_PER_DAY = 333_334
# As simulated: of 1,003,940 events 317,445 are plays.
_EVENTS_PER_PLAY = 3.16
_TELL_EVERY_S = 10.0


def size_of(folder: Path) -> int:
    """Bytes of the files below `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@dataclass(frozen=True)
class ScaleLake:
    """A lake, the warehouse beside it, and the history it begins with."""

    settings: ServingSettings
    history: SimulationConfig
    processes: int

    @classmethod
    def of(cls, plays: int, folder: Path, processes: int) -> ScaleLake:
        """For `plays` plays; the history ends at yesterday's midnight, so that a day may follow."""
        settings = ServingSettings(
            lake=str(folder / "lake"), warehouse=folder / "warehouse.duckdb", snapshots=folder / "snapshots"
        )
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        days = max(3, round(plays / PLAYS_PER_DAY))
        events = round(plays * _EVENTS_PER_PLAY)
        history = SimulationConfig(events=events, days=days, end=today - timedelta(days=1))
        return cls(settings, history, processes)

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return Path(self.settings.lake)

    @property
    def _notes(self) -> Path:
        """What writing took, while nothing but the history is in the lake."""
        return self.folder.with_name("lake.json")

    def prepare(self) -> dict[str, object]:
        """Write the history, to be measured another time; returns what that took."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)
        figures = self._land_history()
        self._notes.write_text(json.dumps(figures))
        return figures

    def history_landed(self) -> dict[str, object]:
        """The history alone is in the lake; returns what writing it took."""
        figures = json.loads(self._notes.read_text()) if self._notes.exists() else self.prepare()
        self._notes.unlink()
        self.settings.warehouse.unlink(missing_ok=True)
        return dict(figures)

    def _land_history(self) -> dict[str, object]:
        with Clock() as clock:
            ledger = land(self._order(self.history), bulk_for, self.processes, _Told(self.history.events))
        land_episodes(self.history, FolderStore(self.folder))
        totals = ledger.totals()
        events = sum(topic["produced"] for topic in totals.values())
        rates, size = clock.rates(events), size_of(self.folder)
        return {
            "plays": totals["plays"]["produced"],
            "events": events,
            "days": self.history.days,
            "listeners": self.history.listeners,
            "bulk_processes": self.processes,
            "bulk_events_per_second": rates["per_second"],
            "bulk_events_per_cpu_second": rates["per_cpu_second"],
            "lake_bytes": size,
            "lake_bytes_per_event": round(size / events, 1),
            "lake_objects": sum(1 for _ in self.folder.glob("bronze/**/*.parquet")),
        }

    def land_hour(self, hour: int) -> int:
        """One hour (UTC) of the day after the history; returns its plays."""
        day = self._day(self.history.end + timedelta(days=1))
        start = epoch_ms(day.start) + hour * HOUR_MS
        return self._landed(self._order(day, (start, start + HOUR_MS)))

    def land_late_day(self) -> int:
        """Another day's worth of events for a day in the middle of the history; returns its plays."""
        middle = self.history.start + timedelta(days=self.history.days // 2 + 1)
        return self._landed(self._order(self._day(middle)))

    def _landed(self, order: Order) -> int:
        ledger = land(order, bulk_for, self.processes, lambda events: None)
        return ledger.totals()["plays"]["produced"]

    def _order(self, config: SimulationConfig, hours: tuple[int, int] | None = None) -> Order:
        return Order(config, self.settings.lake, hours=hours)

    def _day(self, end: datetime) -> SimulationConfig:
        """A day by the same listeners, as busy as the average one."""
        events = round(PLAYS_PER_DAY * _EVENTS_PER_PLAY)
        return SimulationConfig(events=events, days=1, end=end, users=self.history.listeners)


class _Told:
    """Says how far the lake is, now and then."""

    def __init__(self, events: int) -> None:
        self._events, self._done, self._began = events, 0, time.monotonic()
        self._told = self._began

    def __call__(self, events: int) -> None:
        self._done += events
        now = time.monotonic()
        if now - self._told < _TELL_EVERY_S:
            return
        self._told = now
        rate = self._done / (now - self._began)
        left = max(self._events - self._done, 0) / rate
        say(f"{self._done:,} events, {rate:,.0f}/s, {left:,.0f} s left")
