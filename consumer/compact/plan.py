"""What there is to compact: closed hours that have objects in bronze which no manifest names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from consumer.compact.hours import End, closed_before, end_of, find_chains
from consumer.compact.landed import ALWAYS, Landed, Window, list_landed
from consumer.compact.manifest import Source, list_slots, read_manifest
from consumer.fence import parse_fence
from consumer.store import Store
from contracts.lake import Chain, Line, Slot

Hour = tuple[Line, datetime]


@dataclass
class Job:
    """The next slot of an hour, and what its manifest is to replace, in (partition, offset) order."""

    slot: Slot
    objects: list[tuple[Chain, Landed]] = field(default_factory=list)

    def sources(self, store: Store) -> Iterator[Source]:
        """Those objects that a fence decided, as it did; of others nobody knows what they should hold."""
        for chain, landed in self.objects:
            body = store.get(key := chain.fence_key(landed.base))
            fence = parse_fence(key, body) if body else None
            if fence is not None and fence.data_key == landed.key:
                yield Source.of(landed.partition, fence)


def plan(store: Store, topic: str, now: datetime, quiet_seconds: float, window: Window = ALWAYS) -> list[Job]:
    """The jobs of `topic` in the hours of `window`, oldest hour first; `now` is the store's time.

    Chains are looked at first, then bronze, and only then the manifests: what has left bronze by then had
    its manifest before, and what was made since takes our slots from us.
    """
    ends = {chain: end_of(store, chain, now, quiet_seconds) for chain in find_chains(store, topic)}
    owners: dict[tuple[int, str], list[Chain]] = defaultdict(list)
    for chain in ends:
        owners[chain.partition, chain.incarnation].append(chain)
    closed = _closed(ends)
    landed = sorted(list_landed(store, topic, window))
    taken = _Taken(store, topic, window)
    jobs: dict[Hour, Job] = {}
    for one in landed:
        for chain in owners[one.partition, one.incarnation]:
            until, hour = closed[chain.line], (chain.line, one.hour)
            if (until is None or one.hour < until) and one.key not in taken.keys(hour):
                job = jobs.setdefault(hour, Job(Slot(*hour, taken.next(hour))))
                job.objects.append((chain, one))
    return sorted(jobs.values(), key=lambda job: (job.slot.hour, job.slot))


class _Taken:
    """The slots of a topic that have their manifests, and what those name; each is read at most once."""

    def __init__(self, store: Store, topic: str, window: Window) -> None:
        self._store = store
        self._slots: dict[Hour, list[Slot]] = defaultdict(list)
        self._keys: dict[Hour, set[str]] = {}
        for slot in list_slots(store, topic, window):
            self._slots[slot.line, slot.hour].append(slot)

    def keys(self, hour: Hour) -> set[str]:
        """The bronze keys that manifests of `hour` name."""
        if hour not in self._keys:
            manifests = [read_manifest(self._store, slot) for slot in self._slots[hour]]
            self._keys[hour] = {source.key for manifest in manifests for source in manifest.sources}
        return self._keys[hour]

    def next(self, hour: Hour) -> int:
        """The number of the first slot of `hour` that is free."""
        return max((slot.number + 1 for slot in self._slots[hour]), default=0)


def _closed(ends: dict[Chain, End | None]) -> dict[Line, datetime | None]:
    """Where the open hours of each line begin."""
    lines: dict[Line, list[End]] = defaultdict(list)
    for chain, end in ends.items():
        if end is not None:
            lines[chain.line].append(end)
    return {line: closed_before(of_line) for line, of_line in lines.items()}
