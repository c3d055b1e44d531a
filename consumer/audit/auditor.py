"""The whole audit: the lake's inventory, then partition after partition, against Kafka where it answers."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from typing import Protocol

import numpy as np

from consumer.audit.copies import Copies
from consumer.audit.decision import Offsets
from consumer.audit.extras import read_extras, read_strays
from consumer.audit.fences import Fences, read_fences
from consumer.audit.finding import Notes, Report
from consumer.audit.inventory import Contents, Inventory, Place, take_inventory
from consumer.audit.offsets import NONE, length, runs
from consumer.audit.oracle import Oracle
from consumer.audit.partition import PartitionAudit
from consumer.audit.partition_log import PartitionLog
from consumer.audit.witness import Witness
from consumer.store import Store
from contracts.lake import Chain

_LOOK_AGAIN_SECONDS = 0.2
_STEP = 100_000  # offsets read at a time beyond the lake's end


class Watcher(Protocol):
    """Someone who is told how far the audit is."""

    def __call__(self, objects: int, of: int, rows: int) -> None:
        """`objects` of the lake's `of` are checked, with `rows` rows."""


class Auditor:
    """One audit of the lake in `store`, into `report`.

    `oracle` None: the lake alone. `sink` is whose commits are looked at.
    """

    def __init__(
        self,
        store: Store,
        oracle: Oracle | None,
        sink: str,
        watcher: Watcher = lambda *_, **__: None,
    ) -> None:
        self._store, self._oracle, self._sink, self._watcher = store, oracle, sink, watcher
        self._complete, self._until = False, 0.0
        self.report = Report()

    def run(self, topics: Collection[str] = (), *, complete: bool = False, grace: float = 0.0) -> Report:
        """Check `topics`, or all there are. BackbeatError when Kafka or the lake cannot be read.

        `complete`: what Kafka has beyond the lake's end counts as lost. `grace` (seconds): how long in
        all a fence without an object may be one that a sink at work is still writing.
        """
        self._complete, self._until = complete, time.monotonic() + grace
        inventory = take_inventory(self._store, topics)
        self._add_current(inventory)
        self.report.objects = inventory.objects
        self._copies = Copies(self._store, self.report, topics)
        strays = read_strays(self._store, inventory, self._is_current, self.report)
        done = rows = 0
        for place, contents in sorted(inventory.places.items(), key=lambda item: item[0]):
            for landed in self._audit(place, contents, strays.get(place, NONE)):
                done, rows = done + 1, rows + landed
                self._watcher(done, inventory.objects, rows)
        self._copies.close(inventory)
        return self.report

    def _add_current(self, inventory: Inventory) -> None:
        """Every partition that Kafka has now, also those the lake has nothing of."""
        for topic, partition in self._oracle.partitions if self._oracle else ():
            chain = self._current(topic, partition)
            place = Place(topic, partition, chain.incarnation)
            inventory.at(place).fences.setdefault(chain, [])

    def _is_current(self, place: Place) -> bool:
        places = self._oracle.partitions if self._oracle else ()
        name = place.topic, place.partition
        return name in places and self._current(*name).incarnation == place.incarnation

    def _current(self, topic: str, partition: int) -> Chain:
        assert self._oracle is not None  # noqa: S101 -- only asked with one
        ids = self._oracle.cluster_id, topic, self._oracle.topic_ids[topic]
        return Chain(self._sink, *ids, partition)

    def _audit(self, place: Place, contents: Contents, strays: Offsets) -> Iterator[int]:
        notes = Notes(self.report, place.topic, place.partition)
        chains = sorted(
            contents.fences, key=lambda chain: (not contents.fences[chain], chain.sink != self._sink)
        )
        read = [read_fences(self._store, chain, contents.fences[chain], notes) for chain in chains]
        self.report.chains += sum(bool(keys) for keys in contents.fences.values())
        for chain in chains[1:]:
            if contents.fences[chain]:
                why = f"{chain.sink} landed it beside {chains[0].sink}"
                notes.add("second_sink", why, key=chain.fence_prefix)
        fences = read[0] if read else Fences()
        extras = read_extras(self._store, contents, read, notes)
        self._wait_for(fences)
        log = self._log(place)
        witness = Witness(log, self._oracle is not None and place.topic in self._oracle.compacted)
        extras = np.concatenate([extras, strays])
        yield from PartitionAudit(fences, extras, witness, self._copies, notes).run()
        if log is not None:
            self._look_beyond(log, fences.tail, notes)

    def _log(self, place: Place) -> PartitionLog | None:
        """Kafka's records of `place`; None where it has another incarnation of it, or is not asked."""
        if self._oracle is None or not self._is_current(place):
            return None
        return self._oracle.log(place.topic, place.partition)

    def _look_beyond(self, log: PartitionLog, tail: int, notes: Notes) -> None:
        """What Kafka has and was told (I6) beyond the lake's end."""
        assert self._oracle is not None  # noqa: S101 -- a log comes from one
        if log.high < tail:
            notes.add("kafka_ends_before_tail", f"Kafka ends at {log.high}, the lake at {tail}")
        committed = self._oracle.committed[notes.topic, notes.partition]
        if committed > tail:
            why = f"group {self._sink} has committed {committed}, the lake ends at {tail}"
            notes.add("committed_beyond_tail", why, run=(tail, committed - 1))
        while log.position < log.high:
            left = log.take(min(log.position + _STEP, log.high - 1)).offsets
            beyond = left[left >= tail]  # records, not offsets: transaction markers are nothing to land
            if not self._complete:
                self.report.pending += len(beyond)
            for run in runs(beyond) if self._complete else ():
                notes.add("row_missing", "Kafka has it, the lake ends before", run=run, amount=length([run]))

    def _wait_for(self, fences: Fences) -> None:
        """Let a sink that is at work write the last fence's object."""
        key = fences.tiling[-1].data_key if fences.tiling else None
        while key and self._store.head(key) is None and time.monotonic() < self._until:
            time.sleep(_LOOK_AGAIN_SECONDS)
