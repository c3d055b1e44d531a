"""Puts what partitions have buffered into the lake, several partitions at a time."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Executor
from uuid import uuid4

from consumer.chain import Log, Tail, resume
from consumer.commit import Committer
from consumer.partition import Partition
from consumer.store import Store
from consumer.tally import Tally
from consumer.watch.events import finished, object_landed
from contracts.lake import Chain


class Lander:
    """Lands and resumes partitions on the threads of `pool`, and counts what came into the lake."""

    def __init__(
        self, store: Store, log: Log, pool: Executor, check: Callable[[Collection[str]], None]
    ) -> None:
        """`check` raises BackbeatError when one of the named topics is no longer what it was."""
        self._store, self._log, self._pool, self._check = store, log, pool, check
        self._committer = Committer(store, f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}")
        self.tally = Tally()

    def land(self, partitions: Iterable[Partition]) -> list[Partition]:
        """Land every filled buffer; returns the partitions where another owner was first.

        One object per partition: the next fence of a partition waits for this one's data object.
        All are waited for before the first failure is raised.
        """
        filled = [partition for partition in partitions if len(partition.buffer)]
        if filled:
            self._check({partition.chain.topic for partition in filled})
        work = [self._pool.submit(self._committer.land, p.chain, p.tail, p.buffer.draft()) for p in filled]
        failures = [failure for landing in work if (failure := landing.exception()) is not None]
        overtaken = []
        for partition, landing in zip(filled, work, strict=True):
            if landing.exception() is not None:
                continue
            if (landed := landing.result()) is None:
                overtaken.append(partition)
                continue
            tail, tally = landed
            partition.landed(tail, tally.bytes)
            object_landed(partition, tally)
            self.tally += tally
        if failures:
            raise failures[0]
        return overtaken

    def resume(self, wanted: Sequence[tuple[Chain, str]]) -> list[Tail]:
        """The tail of each (chain, hint), after finishing what a dead owner left undone."""
        found = list(self._pool.map(lambda want: resume(self._store, want[0], self._log, want[1]), wanted))
        for (chain, _), (_, tally) in zip(wanted, found, strict=True):
            self.tally += tally
            if tally.objects:
                finished(chain, tally)
        return [tail for tail, _ in found]
