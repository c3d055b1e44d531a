"""How much of one partition the sink has not committed yet, in bytes: the arithmetic behind pacing."""

from __future__ import annotations

from collections import deque

# The embedded broker drops a partition's oldest batches beyond 5 MiB (as compressed) or 100,000 batches,
# and an event may be a batch of its own. Counting uncompressed bytes and leaving 1.5 MiB free keeps well
# inside both.
LIMIT_BYTES = 3_670_016
LIMIT_EVENTS = 90_000
# Batch header (61) and record fields (up to 21), as if every event were a batch of its own.
OVERHEAD_BYTES = 82
_GRAIN_BYTES = 32_768
_GUESSED_EVENT_BYTES = 1_024


class Backlog:
    """One partition, as its publisher sees it.

    `base` is where the partition ended before the first `add`; `committed` is the sink's next offset.
    Events of other publishers are counted at the mean size of ours.
    """

    def __init__(self, base: int, committed: int) -> None:
        self._base = base
        self._count = 0
        self._bytes = 0
        # (n, bytes of our first n events) once per grain: enough to tell how many bytes are settled,
        # never too many, without remembering every event's size.
        self._marks: deque[tuple[int, int]] = deque([(0, 0)])
        self._outstanding = 0
        self._settled_bytes = 0
        self.refresh(base, committed)

    @property
    def pending_bytes(self) -> int:
        """Bytes not known to be committed; at most one grain (32 KiB) above the truth."""
        return self._bytes - self._settled_bytes

    def has_room(self, size: int) -> bool:
        """Whether an event of `size` bytes may be sent now."""
        events = self._count + self._outstanding
        return self._bytes - self._settled_bytes + size <= LIMIT_BYTES and events < LIMIT_EVENTS

    def add(self, size: int) -> None:
        """An event of `size` bytes (key, value, headers and OVERHEAD_BYTES) is being sent."""
        self._count += 1
        self._bytes += size
        if self._bytes - self._marks[-1][1] >= _GRAIN_BYTES:
            self._marks.append((self._count, self._bytes))

    def refresh(self, end: int, committed: int) -> None:
        """What the broker says now: the partition's end and the sink's committed offset."""
        outstanding = max(self._base + self._count, end) - committed
        ours = min(max(outstanding, 0), self._count)
        settled = self._count - ours
        while len(self._marks) > 1 and self._marks[1][0] <= settled:
            self._marks.popleft()
        others = max(outstanding - ours, 0)
        mean = self._bytes // self._count if self._count else _GUESSED_EVENT_BYTES
        self._outstanding = outstanding - self._count
        self._settled_bytes = self._marks[0][1] - others * mean
