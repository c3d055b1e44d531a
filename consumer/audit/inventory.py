"""What lies in the lake, by name: the chains of fences under `_sink/`, the data objects under `bronze/`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from consumer.store import Store
from contracts.lake import BRONZE, FENCES, Chain

_FENCE = re.compile(rf"{FENCES}/([^/]+)/([^/]+)/([^/]+)/([^/]+)/(\d{{5,}})/(\d{{20}})\.json")
_DATA = re.compile(rf"{BRONZE}/([^/]+)/(?:[^/]+/)*([^/+]+)\+(\d{{5,}})\+(\d{{20}})\+([0-9a-f]{{8}})\.parquet")
_TOPIC = re.compile(rf"{BRONZE}/([^/]+)/")


@dataclass(frozen=True, order=True)
class Place:
    """One partition of one incarnation of a topic: what one chain of fences, and only one, may land."""

    topic: str
    partition: int
    incarnation: str


@dataclass
class Contents:
    """What the lake has of one place: fence keys by chain, and data objects (base offset, key)."""

    fences: dict[Chain, list[str]] = field(default_factory=dict)
    objects: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Inventory:
    """All of it; `strays` are objects in a topic's folder whose names say no place.

    Holds names only: about 300 bytes for a fence and its object.
    """

    places: dict[Place, Contents] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)

    def at(self, place: Place) -> Contents:
        """The contents of `place`, made on first use."""
        return self.places.setdefault(place, Contents())

    def fence_keys(self) -> Iterator[str]:
        """Every fence that was listed."""
        for contents in self.places.values():
            for keys in contents.fences.values():
                yield from keys

    @property
    def objects(self) -> int:
        """How many data objects there are."""
        return len(self.strays) + sum(len(contents.objects) for contents in self.places.values())


def take_inventory(store: Store, topics: Collection[str]) -> Inventory:
    """List the lake; `topics` limits it, empty means all.

    Fences first: an object listed later may be newer than all fences listed, never the other way round.
    """
    found = Inventory()
    for key in store.list(f"{FENCES}/"):
        if (match := _FENCE.fullmatch(key)) and (not topics or match[3] in topics):
            chain = Chain(match[1], match[2], match[3], match[4], int(match[5]))
            place = Place(chain.topic, chain.partition, chain.incarnation)
            found.at(place).fences.setdefault(chain, []).append(key)
    for topic, key in _data_keys(store, topics):
        match = _DATA.fullmatch(key)
        if match and match[2] == topic:
            found.at(Place(topic, int(match[3]), match[5])).objects.append((int(match[4]), key))
        else:
            found.strays.append(key)
    return found


def _data_keys(store: Store, topics: Collection[str]) -> Iterator[tuple[str, str]]:
    prefixes = [f"{BRONZE}/{topic}/" for topic in sorted(topics)] or [f"{BRONZE}/"]
    for prefix in prefixes:
        for key in store.list(prefix):
            # What readers glob; the folder of a topic may hold other things that no reader opens.
            if key.endswith(".parquet") and (match := _TOPIC.match(key)):
                yield match[1], key
