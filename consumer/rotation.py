"""When to land what a partition has buffered: neither dust from quiet topics nor objects without end."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol, TypeVar

from consumer.buffer import Buffer
from consumer.settings import SinkSettings

# An object of half the wanted size is large enough: to wait longer for the next one would win little.
_LARGE_ENOUGH = 0.5
# The embedded broker keeps 5 MiB a partition, and its producers wait for commits: no waiting there.
_EMBEDDED_FLUSH_BYTES = 2 * 1024**2


class Buffered(Protocol):
    """Anything with a buffer, and the size of the last object that was landed from it."""

    object_bytes: int

    @property
    def name(self) -> str:
        """topic/partition."""

    @property
    def buffer(self) -> Buffer:
        """The buffer."""


_Owner = TypeVar("_Owner", bound=Buffered)


class Rotation:
    """A buffer is due by its object's bytes, its payload's bytes, its rows or its age.

    The age allowed begins at `sink_flush_seconds` and doubles with each object that comes out small, up to
    `sink_flush_longest_seconds`: what is new is seen soon, and what is quiet makes few objects.
    """

    def __init__(self, settings: SinkSettings, *, embedded: bool) -> None:
        self._settings = settings
        self._flush_bytes = settings.sink_flush_bytes
        self._longest = max(settings.sink_flush_longest_seconds, settings.sink_flush_seconds)
        if embedded:
            self._flush_bytes = min(self._flush_bytes, _EMBEDDED_FLUSH_BYTES)
            self._longest = settings.sink_flush_seconds
        self._patience: dict[str, float] = {}

    def due(self, owners: Collection[_Owner], now: float) -> list[_Owner]:
        """Whose buffers to land now.

        Once one is too old, all that have waited half as long as they may go with it: one round of commits,
        not one each. When all together take too much memory they are compressed, and the largest go
        until half of it is free.
        """
        filled = [owner for owner in owners if len(owner.buffer)]
        ages = {owner.name: (now - owner.buffer.opened_at) / self._allowed(owner) for owner in filled}
        limit = 0.5 if any(age >= 1 for age in ages.values()) else 1.0
        due = [owner for owner in filled if self._full(owner.buffer) or ages[owner.name] >= limit]
        waiting = [owner for owner in filled if owner not in due]
        return due + self._crowded(waiting)

    def landed(self, owner: Buffered) -> None:
        """Learn from the size of the object that came out, if one did."""
        if 0 < owner.object_bytes < _LARGE_ENOUGH * self._settings.sink_object_bytes:
            self._patience[owner.name] = min(2 * self._allowed(owner), self._longest)

    def _allowed(self, owner: Buffered) -> float:
        return self._patience.get(owner.name, self._settings.sink_flush_seconds)

    def _full(self, buffer: Buffer) -> bool:
        return (
            buffer.bytes >= self._settings.sink_object_bytes
            or buffer.payload_bytes >= self._flush_bytes
            or len(buffer) >= self._settings.sink_flush_rows
        )

    def _crowded(self, owners: Collection[_Owner]) -> list[_Owner]:
        """Whose buffers must go for want of memory."""
        room = self._settings.sink_buffer_bytes
        if sum(owner.buffer.bytes for owner in owners) < room:
            return []
        for owner in owners:
            owner.buffer.squeeze()
        largest = sorted(owners, key=lambda owner: owner.buffer.bytes, reverse=True)
        held, leaving = sum(owner.buffer.bytes for owner in owners), []
        while held > room / 2:
            owner = largest.pop(0)
            held -= owner.buffer.bytes
            leaving.append(owner)
        return leaving
