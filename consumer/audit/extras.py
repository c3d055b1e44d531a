"""Objects that readers see and no fence decided (I3): which offsets their rows hold a second time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from consumer.audit.decision import Offsets
from consumer.audit.fences import Fences
from consumer.audit.finding import Finding, Notes, Report
from consumer.audit.inventory import Contents, Inventory, Place
from consumer.audit.offsets import NONE
from consumer.audit.rows import read_places
from consumer.store import Store


def read_extras(store: Store, contents: Contents, read: Sequence[Fences], notes: Notes) -> Offsets:
    """The offsets in the objects of a place that its first chain's tiling fences do not name."""
    claimed = {decision.data_key for decision in read[0].tiling} if read else set()
    named = {decision.data_key for fences in read for decision in fences.left_over}
    named |= {decision.data_key for fences in read[1:] for decision in fences.tiling}
    found = [NONE]
    for base, key in contents.objects:
        if key in claimed or _is_newer(store, contents, base):
            continue
        if key not in named:
            notes.add("object_without_fence", "no fence names it", run=(base, base), key=key)
        found.append(_offsets(store, key, notes))
    return np.concatenate(found)


def _is_newer(store: Store, contents: Contents, base: int) -> bool:
    """Whether a sink at work has made the fence for it since the fences were listed."""
    keys = [chain.fence_key(base) for chain, listed in contents.fences.items() if not _lists(listed, base)]
    return any(store.head(key) is not None for key in keys)


def _lists(listed: Sequence[str], base: int) -> bool:
    """Whether fences up to `base` were listed: then its own would have been, too."""
    return bool(listed) and listed[-1].rpartition("/")[2] >= f"{base:020d}"


def _offsets(store: Store, key: str, notes: Notes) -> Offsets:
    body = store.get(key)
    try:
        return NONE if body is None else read_places(body)[0]
    except ValueError as error:
        notes.add("object_unreadable", str(error), key=key)
        return NONE


def read_strays(
    store: Store, inventory: Inventory, is_current: Callable[[Place], bool], report: Report
) -> dict[Place, Offsets]:
    """The offsets in objects whose names say no place, by the place their rows claim.

    Rows do not tell the incarnation: they count against Kafka's current one, else any there is.
    """
    found: dict[Place, Offsets] = {}
    for key in inventory.strays:
        topic = key.split("/")[1]
        report.add(Finding("object_without_fence", "no fence names such a key", topic, key=key))
        try:
            offsets, claims = read_places(store.get(key) or b"")
        except ValueError as error:
            report.add(Finding("object_unreadable", str(error), topic, key=key))
            continue
        matching = [place for place in inventory.places if (place.topic, place.partition) in claims]
        if len(claims) == 1 and matching:
            place = max(matching, key=lambda candidate: (is_current(candidate), candidate))
            found[place] = np.concatenate([found.get(place, NONE), offsets])
    return found
