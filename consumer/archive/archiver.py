"""Ages bronze: hour after hour, what compacted objects hold leaves it."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from consumer.archive.departure import Departure
from consumer.archive.verify import chain_of, verify
from consumer.compact.clock import store_time
from consumer.compact.compactor import Watcher
from consumer.compact.landed import ALWAYS, Window, list_keys
from consumer.compact.manifest import Manifest, Source, list_slots, read_manifest
from consumer.settings import UpkeepSettings
from consumer.store import Store
from contracts.errors import BackbeatError
from contracts.lake import Slot, archived_key

_HOUR = timedelta(hours=1)
_AT_A_TIME = 8  # copies and removals are round trips and nothing else


@dataclass(frozen=True)
class Aging:
    """What leaves bronze of the hour part that `manifest` compacted."""

    slot: Slot
    manifest: Manifest
    sources: Sequence[Source]


@dataclass
class Archived:
    """What one run did: `objects` with `rows` left bronze, parts of `hours`; `bytes` into the archive."""

    hours: int = 0
    objects: int = 0
    rows: int = 0
    bytes: int = 0

    def summary(self) -> dict[str, int]:
        """Everything by name."""
        return asdict(self)


class Archiver:
    """Archives the topics of one lake; any number may run at once, and each may be killed at any step.

    `keep` False: objects are dropped instead of moved.
    """

    def __init__(
        self,
        store: Store,
        settings: UpkeepSettings,
        watcher: Watcher = lambda *_: None,
        *,
        keep: bool = True,
    ) -> None:
        self._store, self._watcher, self._keep = store, watcher, keep
        self._age = timedelta(days=settings.archive_after_days)
        self._wait = timedelta(seconds=2 * settings.sink_put_seconds)
        self._writer = f"{socket.gethostname()}-{os.getpid()}"
        self.report = Archived()

    def plan(self, topics: Collection[str], window: Window = ALWAYS) -> list[Aging]:
        """What may leave now, oldest hour first."""
        now = store_time(self._store)
        youngest = now - self._age - _HOUR + timedelta(microseconds=1)  # of what began by then, it is over
        start, end = window
        aged = start, youngest if end is None else min(end, youngest)
        found = [aging for topic in topics for aging in self._plan(topic, aged, now)]
        return sorted(found, key=lambda aging: (aging.slot.hour, aging.slot))

    def _plan(self, topic: str, window: Window, now: datetime) -> Iterator[Aging]:
        present = {key: hour for hour, key in list_keys(self._store, topic, window)}
        hours = set(present.values())
        for slot in list_slots(self._store, topic, window):
            if slot.hour not in hours or not self._is_old(slot.manifest_key, now):
                continue
            manifest = read_manifest(self._store, slot)
            left = [source for source in manifest.sources if source.key in present]
            with ThreadPoolExecutor(_AT_A_TIME, "look") as pool:
                old = list(pool.map(lambda source, of=slot: self._is_followed(of, source, now), left))
            if leaving := [source for source, may in zip(left, old, strict=True) if may]:
                yield Aging(slot, manifest, leaving)

    def _is_old(self, key: str, now: datetime) -> bool:
        """Whether the object at `key` was there long enough ago for everybody to have acted on it."""
        head = self._store.head(key)
        return head is not None and head.modified is not None and head.modified + self._wait < now

    def _is_followed(self, slot: Slot, source: Source, now: datetime) -> bool:
        return self._is_old(chain_of(slot, source).fence_key(source.end + 1), now)

    def run(self, topics: Collection[str], window: Window = ALWAYS) -> Archived:
        """Archive what may leave. BackbeatError when compacted rows are not what they should be: then no
        object of their hour is touched, nor of any later one.
        """
        agings = self.plan(topics, window)
        done, of = 0, sum(len(aging.sources) for aging in agings)
        for aging in agings:
            self._watcher(done, of, f"{aging.slot.line.topic} {aging.slot.hour:%Y-%m-%dT%H}")
            self._archive(aging)
            done += len(aging.sources)
        return self.report

    def _archive(self, aging: Aging) -> None:
        for output in aging.manifest.outputs:
            verify(self._store, aging.slot, output)
        keys = [source.key for source in aging.sources]
        with ThreadPoolExecutor(_AT_A_TIME, "archive") as pool:
            sizes = list(pool.map(self._copy, keys)) if self._keep else []
            departure = Departure(writer=self._writer, kept=self._keep, keys=keys)
            self._store.create(aging.slot.departure_key(uuid4().hex), departure.body())
            list(pool.map(self._store.remove, keys))
        self.report.hours += 1
        self.report.objects += len(keys)
        self.report.rows += sum(source.count for source in aging.sources)
        self.report.bytes += sum(sizes)

    def _copy(self, key: str) -> int:
        """Have `key` in the archive as it is in bronze; its size. 0: another archiver has removed it."""
        target = archived_key(key)
        there = self._store.head(key)
        if there is None or not self._store.copy(key, target):
            return 0
        copy = self._store.head(target)
        if copy is None or (copy.size, copy.metadata) != (there.size, there.metadata):
            raise BackbeatError(f"{target} is not the copy of {key} that it should be (BACKBEAT_LAKE)")
        return there.size
