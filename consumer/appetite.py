"""How many messages to take from Kafka at once: fewer when they are large."""

from __future__ import annotations

from collections.abc import Sequence, Sized

# One in so many is measured: a look at every one would cost 3 % of what receiving it does.
_SAMPLE = 16


class Appetite:
    """At most `most` messages, and about `limit` bytes by the size of those taken last."""

    def __init__(self, most: int, limit: int) -> None:
        self._most, self._limit = most, limit
        self.count = most

    def had(self, messages: Sequence[Sized]) -> None:
        """Learn from what came; nothing came: nothing is learnt."""
        if sample := messages[::_SAMPLE]:
            mean = sum(map(len, sample)) // len(sample)
            self.count = max(1, min(self._most, self._limit // max(mean, 1)))
