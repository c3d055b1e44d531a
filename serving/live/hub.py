"""Readers, each with a short mailbox: frames are left there, and nobody is waited for."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from http import HTTPStatus

from contracts.web.refusal import RefusalError
from serving.live.metrics import DROPPED, FRAMES, READERS, REFUSED


class Reader:
    """One reader of a country (None: of the world)."""

    def __init__(self, country: str | None, frames: int) -> None:
        self.country = country
        self.slow = asyncio.Event()
        self._mailbox: asyncio.Queue[str] = asyncio.Queue(frames)

    def leave(self, frame: str) -> bool:
        """Put a frame into its mailbox; False when that is full."""
        if self._mailbox.full():
            return False
        self._mailbox.put_nowait(frame)
        return True

    async def frames(self) -> AsyncIterator[str]:
        """What is left for it, as it comes."""
        while True:
            yield await self._mailbox.get()


class Hub:
    """All readers, by country; `frames` may wait for each."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._readers: dict[str | None, set[Reader]] = defaultdict(set)
        self._count = 0

    def has_room(self, most: int) -> None:
        """`RefusalError` (503) when there are `most` readers already."""
        if self._count >= most:
            REFUSED.inc()
            raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, "Too many readers.", 10)

    def join(self, country: str | None, snapshot: str) -> Reader:
        """A new reader, with its snapshot in its mailbox."""
        reader = Reader(country, self._frames + 1)
        reader.leave(snapshot)
        self._readers[country].add(reader)
        self._counted(1)
        return reader

    def quit(self, reader: Reader) -> None:
        """The reader has gone; harmless when it was dropped before."""
        if reader in self._readers.get(reader.country, ()):
            self._readers[reader.country].discard(reader)
            self._counted(-1)
            if not self._readers[reader.country]:
                del self._readers[reader.country]

    def publish(self, country: str | None, frame: str) -> None:
        """Leave `frame` for every reader of `country`; who has not taken the last ones is dropped."""
        left = 0
        for reader in list(self._readers.get(country, ())):
            if reader.leave(frame):
                left += 1
            else:
                DROPPED.inc()
                self.quit(reader)
                reader.slow.set()
        FRAMES.inc(left)

    def countries(self) -> set[str | None]:
        """Those that somebody reads."""
        return set(self._readers)

    def __len__(self) -> int:
        return self._count

    def _counted(self, change: int) -> None:
        self._count += change
        READERS.set(self._count)
