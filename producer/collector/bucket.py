"""Token buckets: how many events each key may still send."""

from __future__ import annotations

import time
from collections.abc import Callable


class Bucket:
    """Holds up to `burst` events and fills at `rate` a second; times are monotonic seconds."""

    def __init__(self, rate: float, burst: int, at: float) -> None:
        self._rate, self._burst = rate, burst
        self._held, self._at = float(burst), at

    def take(self, events: int, at: float) -> float:
        """Take `events` at `at`: 0 when they were there, else nothing, and the seconds until they are."""
        self._fill(at)
        # A request above the burst would wait for ever: it may go when the bucket is full.
        wanted = min(events, self._burst)
        if wanted > self._held:
            return (wanted - self._held) / self._rate
        self._held -= wanted
        return 0.0

    def remaining(self) -> int:
        """Whole events it holds."""
        return int(self._held)

    def refill_seconds(self) -> float:
        """How long until it is full."""
        return (self._burst - self._held) / self._rate

    def _fill(self, at: float) -> None:
        self._held = min(float(self._burst), self._held + (at - self._at) * self._rate)
        self._at = at


class Buckets:
    """A bucket for each key."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self.burst, self._clock = rate, burst, clock
        self._buckets: dict[str, Bucket] = {}

    def take(self, key_id: str, events: int) -> float:
        """As `Bucket.take`, of the key's own and now."""
        return self.of(key_id).take(events, self._clock())

    def of(self, key_id: str) -> Bucket:
        """The key's bucket, full when it is new."""
        bucket = self._buckets.get(key_id)
        if bucket is None:
            bucket = self._buckets[key_id] = Bucket(self._rate, self.burst, self._clock())
        return bucket
