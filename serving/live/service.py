"""The live path at work: events in from Kafka, a tick that tells readers what has changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson

from serving.live.follower import Follower
from serving.live.happening import End, Start
from serving.live.hub import Hub, Reader
from serving.live.live import Live
from serving.live.metrics import RISING_SECONDS, TICK_SECONDS
from serving.live.rising import WINDOWS, rising
from serving.live.view import View, Views, difference, iso
from serving.live.watch import Watch
from serving.settings import LiveSettings

_MOST_RISING = 50
_SWEEP_S = 600.0


class Service:
    """`open` it in a running loop; all state belongs to that loop."""

    def __init__(self, settings: LiveSettings, clock: Callable[[], float] = time.time) -> None:
        self._settings, self.clock = settings, clock
        self._history_s = settings.live_history_minutes * 60
        self.live = Live(self._history_s, settings.live_plays)
        self.watch = Watch()
        self.hub = Hub(settings.live_reader_frames)
        self._follower = Follower(settings, self._from_thread, self.watch)
        self._views: dict[str | None, View] = {}
        self._sent: dict[str | None, float] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._seq = 0
        self._rebuilding = True
        self._started_at = clock()
        self.live.advance(self._started_at)
        self._moment = Views(self.live, self._state())

    async def open(self) -> None:
        """Begin to follow Kafka and to tick."""
        self._loop = asyncio.get_running_loop()
        self._follower.open()
        self._tasks = [
            asyncio.create_task(self._tick_on()),
            asyncio.create_task(self._sweep_on()),
            *(asyncio.create_task(self._rise_on(minutes)) for minutes in WINDOWS),
        ]

    async def close(self) -> None:
        """End; the thread may be waiting for us to take its last batch."""
        await asyncio.to_thread(self._follower.close)
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def ill(self) -> list[str]:
        """What is wrong with the process itself."""
        ended = [task.get_name() for task in self._tasks if task.done()]
        return [*self.watch.stuck(), *(f"{name} has ended" for name in ended)]

    def join(self, country: str | None) -> Reader:
        """A new reader, who has the snapshot that the next delta follows."""
        if country not in self._views:
            self._views[country] = self._moment.of(country)
        return self.hub.join(country, _frame("snapshot", self._seq, self._views[country]))

    def view(self, country: str | None = None) -> View:
        """As of the last tick."""
        found = self._views.get(country)
        return self._moment.of(country) if found is None else found

    def tick(self) -> None:
        """See what has changed, and tell the readers."""
        with TICK_SECONDS.time():
            self._settle()
            self.live.advance(self.clock())
            self.live.known_since = max(
                int(self._started_at) - self._history_s, -(-self.watch.cut_at_ms // 1000)
            )
            self._moment = Views(self.live, self._state())
            self._seq += 1
            wanted = self.hub.countries() | {None}
            for country in self._views.keys() - wanted:
                del self._views[country]
            for country in wanted:
                self._tell(country)

    def _settle(self) -> None:
        """Once the history is read, put the feed in order, before anybody is told that it is."""
        rebuilding = not self.watch.rebuilt
        if self._rebuilding and not rebuilding:
            self.live.playing.settle()
        self._rebuilding = rebuilding

    def _tell(self, country: str | None) -> None:
        after, now = self._moment.of(country), self.live.now
        before, self._views[country] = self._views.get(country), after
        changed = difference(before, after) if before is not None else after
        if changed:
            self._sent[country] = now
            self.hub.publish(country, _frame("delta", self._seq, {"at": after["at"], **changed}))
        elif now - self._sent.get(country, 0.0) >= self._settings.live_heartbeat_seconds:
            self._sent[country] = now
            self.hub.publish(country, _frame("heartbeat", self._seq, {"at": iso(now)}))

    def _state(self) -> dict[str, Any]:
        return {"lag": self.watch.lag(), "rebuilding": self._rebuilding}

    def _from_thread(self, events: list[Start | End]) -> None:
        asyncio.run_coroutine_threadsafe(self._hear(events), self._loop).result()

    async def _hear(self, events: list[Start | End]) -> None:
        self.live.hear(events, self.clock())

    async def _tick_on(self) -> None:
        every = self._settings.live_tick_seconds
        due = self._loop.time()
        while True:
            self.tick()
            due = max(due + every, self._loop.time())
            await asyncio.sleep(due - self._loop.time())

    async def _rise_on(self, minutes: int) -> None:
        """Look for what rises as many seconds after another as the window has minutes."""
        while True:
            if self.watch.rebuilt:
                await self.rise(minutes)
            await asyncio.sleep(minutes if self.watch.rebuilt else self._settings.live_tick_seconds)

    async def rise(self, minutes: int) -> None:
        """Find what rises in the last `minutes`, in a thread: sorting lets go of Python's lock."""
        recent, before = self.live.windows(minutes)
        least = self._settings.live_rising_listeners
        with RISING_SECONDS.labels(str(minutes)).time():
            found = await asyncio.to_thread(rising, recent, before, least, _MOST_RISING)
        self.live.charted(minutes, found, len(before))

    async def _sweep_on(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            self.live.sweep()


def _frame(kind: str, seq: int, view: View) -> str:
    return orjson.dumps({"type": kind, "seq": seq, **view}).decode()
