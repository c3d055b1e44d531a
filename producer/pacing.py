"""Staying close to the sink on the embedded broker, which silently drops what is not read in time.

The pacer picks the partition of every event itself, so that it knows what each one holds, and lets an event
go only when what the sink has not committed of that partition stays within `producer.backlog`'s limits. It
asks the broker only when a partition seems full. A sink that commits by age, or by 2 MiB or less, never
leaves it stuck. Where the order of one key's events is of no use (`ordered=False`), a full partition's events
go to another: one listener's history would else wait for one partition's commits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

from contracts.errors import BackbeatError
from producer.backlog import Backlog
from producer.offsets import GroupOffsets
from producer.partitioner import partition_of
from producer.settings import KafkaSettings


class Pacer:
    """Admits events partition by partition; `idle` takes a moment, and runs between two looks at the sink."""

    def __init__(
        self,
        offsets: GroupOffsets,
        partitions: Callable[[str], int],
        idle: Callable[[], None],
        settings: KafkaSettings,
        *,
        ordered: bool = True,
    ) -> None:
        self._ordered = ordered
        self._offsets = offsets
        self._partitions = partitions
        self._idle = idle
        self._timeout_s = settings.pacing_timeout_s
        self._sink_name = settings.sink_name
        self._backlogs: dict[str, list[Backlog]] = {}
        self._unkeyed = count()
        self.waited_s = 0.0

    def admit(self, topic: str, key: bytes | None, size: int) -> int:
        """The partition to send an event of `size` bytes to, once it has room; raises `BackbeatError`."""
        backlogs = self._backlogs.get(topic) or self._open(topic)
        total = len(backlogs)
        partition = next(self._unkeyed) % total if key is None else partition_of(key, total)
        if not self._ordered and not backlogs[partition].has_room(size):
            partition = self._roomiest(backlogs)
        backlog = backlogs[partition]
        if not backlog.has_room(size):
            self._wait(topic, backlog, size)
        backlog.add(size)
        return partition

    @staticmethod
    def _roomiest(backlogs: list[Backlog]) -> int:
        return min(range(len(backlogs)), key=lambda number: backlogs[number].pending_bytes)

    def _open(self, topic: str) -> list[Backlog]:
        keys = [(topic, partition) for partition in range(self._partitions(topic))]
        ends, committed = self._offsets.ends(keys), self._offsets.committed(keys)
        self._backlogs[topic] = [Backlog(ends[key], committed[key]) for key in keys]
        return self._backlogs[topic]

    def _wait(self, topic: str, backlog: Backlog, size: int) -> None:
        started = progressed = time.monotonic()
        before = self._refresh(topic)
        while not backlog.has_room(size):
            self._idle()
            now = time.monotonic()
            committed = self._refresh(topic)
            if committed > before:
                before, progressed = committed, now
            elif now - progressed > self._timeout_s:
                raise BackbeatError(
                    f"the embedded broker's topic {topic} is full and no sink has committed anything of it "
                    f"for {self._timeout_s:.0f} s: start `backbeat sink` (group {self._sink_name}), or set "
                    "BACKBEAT_KAFKA_BOOTSTRAP to a Kafka that keeps what it is given"
                )
        self.waited_s += time.monotonic() - started

    def _refresh(self, topic: str) -> int:
        """Look at the broker again; the sum of the committed offsets tells progress."""
        keys = [(topic, partition) for partition in range(len(self._backlogs[topic]))]
        committed, ends = self._offsets.committed(keys), self._offsets.ends(keys)
        for key, backlog in zip(keys, self._backlogs[topic], strict=True):
            backlog.refresh(ends[key], committed[key])
        return sum(committed.values())
