"""Compaction of a lake: job after job, then what dead or slower compactors left behind."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Protocol
from uuid import uuid4

from consumer.compact.clock import store_time
from consumer.compact.landed import ALWAYS, Window
from consumer.compact.manifest import Manifest, Output
from consumer.compact.merge import SourceError, merge
from consumer.compact.orphans import clean
from consumer.compact.plan import Job, plan
from consumer.settings import UpkeepSettings
from consumer.store import Store
from contracts.lake import Slot


class Watcher(Protocol):
    """Someone who is told how far it is."""

    def __call__(self, done: int, of: int, what: str) -> None:
        """`done` of `of` bronze objects are dealt with; `what` is being worked on."""


@dataclass
class Compacted:
    """What one run did: `hours` got a manifest, in which `objects` of bronze with `rows` became `outputs`.

    `lost` hours were another compactor's; `removed` are compacted objects that nobody will ever name.
    """

    hours: int = 0
    objects: int = 0
    rows: int = 0
    bytes: int = 0
    outputs: int = 0
    lost: int = 0
    removed: int = 0

    def summary(self) -> dict[str, int]:
        """Everything by name."""
        return asdict(self)


class Compactor:
    """Compacts the topics of one lake; any number may run at once, and each may be killed at any step."""

    def __init__(self, store: Store, settings: UpkeepSettings, watcher: Watcher = lambda *_: None) -> None:
        self._store, self._settings, self._watcher = store, settings, watcher
        self._writer = f"{socket.gethostname()}-{os.getpid()}"
        self.report = Compacted()

    def plan(self, topics: Collection[str], window: Window = ALWAYS) -> list[Job]:
        """The jobs there are now."""
        now, quiet = store_time(self._store), self._settings.compact_quiet_seconds
        return [job for topic in topics for job in plan(self._store, topic, now, quiet, window)]

    def run(self, topics: Collection[str], window: Window = ALWAYS) -> Compacted:
        """Compact what is closed in the hours of `window`, and clean up there.

        BackbeatError when the lake cannot be used; SourceError, at the end, when objects of bronze were not
        what their fences decided: their hours are left as they are.
        """
        jobs = self.plan(topics, window)
        done, of = 0, sum(len(job.objects) for job in jobs)
        failure: SourceError | None = None
        for job in jobs:
            self._watcher(done, of, f"{job.slot.line.topic} {job.slot.hour:%Y-%m-%dT%H}")
            try:
                self._compact(job)
            except SourceError as error:
                failure = failure or error
            done += len(job.objects)
        for topic in topics:
            self.report.removed += clean(self._store, topic, window)
        if failure is not None:
            raise failure
        return self.report

    def _compact(self, job: Job) -> None:
        """Write the job's objects, and then try to be the one whose manifest takes the slot."""
        slot, attempt = job.slot, uuid4().hex
        if self._is_taken(slot):  # since the plan was made
            self.report.lost += 1
            return
        sources = list(job.sources(self._store))
        if not sources:
            return
        try:
            outputs = merge(self._store, slot, attempt, sources, self._settings.compact_bytes)
        except SourceError:
            if not self._is_taken(slot):
                raise
            self.report.lost += 1  # and the winner's sources may have left bronze already
            return
        manifest = Manifest(attempt=attempt, writer=self._writer, outputs=outputs)
        if self._store.create(slot.manifest_key, manifest.body()):
            self._count(len(sources), outputs)
        else:
            self.report.lost += 1

    def _is_taken(self, slot: Slot) -> bool:
        return self._store.head(slot.manifest_key) is not None

    def _count(self, objects: int, outputs: list[Output]) -> None:
        self.report.hours += 1
        self.report.objects += objects
        self.report.outputs += len(outputs)
        self.report.rows += sum(output.rows for output in outputs)
        self.report.bytes += sum(output.size for output in outputs)
