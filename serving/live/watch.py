"""Whether the live path is well: written by the thread that follows Kafka, read by whoever asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from serving.live.beginning import Places

GRACE_S = 5.0  # a leader election is no illness
STUCK_S = 60.0


class Watch:
    """Attributes are replaced, never changed in place, so that no lock is needed. Times are monotonic."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self._clock, self._wall = clock, wall
        self._turned = clock()
        self._troubled: float | None = None
        self._missing: list[str] = []
        self._newest_ms = self.cut_at_ms = 0
        self.problem = ""
        self.lags: Mapping[str, int] = {}
        self.rebuilt = False

    def look(self, lags: Mapping[str, int], places: Places) -> None:
        """The thread has turned: how far it is behind by topic, and how far it has come."""
        self._turned = self._clock()
        self.lags, self._newest_ms, self.cut_at_ms = dict(lags), places.newest_ms, places.cut_at_ms
        self.rebuilt = self.rebuilt or places.rebuilt

    def trouble(self, reason: str) -> None:
        """Kafka does not serve."""
        self.problem = " ".join(reason.split())
        if self._troubled is None:
            self._troubled = self._clock()

    def fine(self) -> None:
        """Kafka serves."""
        self.problem, self._troubled = "", None

    def lacks(self, topics: list[str]) -> None:
        """Kafka answers, without these topics."""
        self._missing = topics
        self.fine()

    def lag(self) -> dict[str, Any]:
        """Events not read yet, and how old the newest is that was (s)."""
        events = sum(self.lags.values())
        seconds = max(self._wall() - self._newest_ms / 1000, 0.0) if events and self._newest_ms else 0.0
        return {"events": events, "seconds": round(seconds, 1)}

    def lag_of(self, topic: str) -> int:
        """Its records not read yet."""
        return self.lags.get(topic, 0)

    def stuck(self) -> list[str]:
        """What is wrong with the process itself."""
        since = self._clock() - self._turned
        return [f"Kafka was not asked for {since:.0f} s"] if since > STUCK_S else []

    def reasons(self) -> list[str]:
        """Why what it shows cannot be relied on; nothing when all is well."""
        found = self.stuck()
        if self._troubled is not None and self._clock() - self._troubled >= GRACE_S:
            found.append(f"Kafka does not serve: {self.problem}")
        if self._missing:
            found.append(f"Kafka has no topic {', '.join(self._missing)}")
        if not self.rebuilt:
            found.append(self.problem or "it still reads what was before its start")
        return found
