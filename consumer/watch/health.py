"""Whether the sink is well: the loop turns, Kafka and the lake answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

# One throttled request or one broker that restarts is no illness; it is tried again within this.
GRACE_SECONDS = 5.0


class Health:
    """What the loop, the writers and the call-backs report; read by whoever asks. Times are monotonic.

    Attributes are replaced, never changed in place, so that no lock is needed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.began(stuck_after=60.0)

    def began(self, stuck_after: float) -> None:
        """A sink starts; the loop is stuck when it has not turned for `stuck_after` seconds."""
        self._stuck_after = stuck_after
        self._turned = self._clock()
        self._landed: float | None = None
        self._troubles: dict[str, tuple[float, str]] = {}
        self._failure = ""
        self._assigned = False
        self._lags: Mapping[tuple[str, int], int] = {}

    def turned(self) -> None:
        """The loop came round."""
        self._turned = self._clock()

    def landed(self) -> None:
        """Rows came into the lake."""
        self._landed = self._clock()

    def assigned(self) -> None:
        """The group has told which partitions are ours, if any."""
        self._assigned = True

    def owns(self, lags: Mapping[tuple[str, int], int]) -> None:
        """The partitions that are ours, with the rows each lags behind."""
        self._lags = dict(lags)

    def trouble(self, service: str, reason: str) -> None:
        """`service` did not answer as it should; what is told is since when that is so."""
        since, _ = self._troubles.get(service, (self._clock(), ""))
        self._troubles = {**self._troubles, service: (since, reason)}

    def fine(self, service: str) -> None:
        """`service` answered."""
        if service in self._troubles:
            self._troubles = {name: told for name, told in self._troubles.items() if name != service}

    def failed(self, reason: str) -> None:
        """The sink ends because of `reason`."""
        self._failure = reason

    def reasons(self) -> list[str]:
        """What is wrong; nothing when the sink is well."""
        now = self._clock()
        found = [f"it ends: {self._failure}"] if self._failure else []
        if (since := now - self._turned) > self._stuck_after:
            found.append(f"the loop has not turned for {since:.1f} s (BACKBEAT_SINK_STUCK_SECONDS)")
        for service, (start, reason) in self._troubles.items():
            if now - start >= GRACE_SECONDS:
                found.append(f"{service} has been failing for {now - start:.1f} s: {reason}")
        return found

    def ready(self) -> bool:
        """Whether it is well and the group has given it its share."""
        return self._assigned and not self.reasons()

    def report(self) -> dict[str, Any]:
        """What /healthz says; seconds to the millisecond."""
        now = self._clock()
        owned: dict[str, list[int]] = {}
        for topic, partition in sorted(self._lags):
            owned.setdefault(topic, []).append(partition)
        reasons = self.reasons()
        return {
            "healthy": not reasons,
            "reasons": reasons,
            "owned": owned,
            "lag_rows": sum(self._lags.values()),
            "seconds_since_turn": round(now - self._turned, 3),
            "seconds_since_landing": None if self._landed is None else round(now - self._landed, 3),
        }


HEALTH = Health()
