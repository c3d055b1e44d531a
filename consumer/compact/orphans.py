"""What dead or slower compactors left behind: objects that no manifest will ever name."""

from __future__ import annotations

import re
from collections import defaultdict

from consumer.compact.landed import ALWAYS, Window
from consumer.compact.manifest import list_slots, read_manifest
from consumer.store import Store
from contracts.lake import COMPACTED

_KEY = re.compile(rf"({COMPACTED}/.*/[^/+]+\+[0-9a-f]{{12}}\+\d{{5,}})\+([0-9a-f]{{32}})\+\d{{5}}\.parquet")


def clean(store: Store, topic: str, window: Window = ALWAYS) -> int:
    """Remove the objects of `topic` whose slot has another attempt's manifest; returns how many.

    An attempt whose slot is free may still be at work, however long it pauses: its objects stay until
    another attempt has taken the slot.
    """
    slots: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for key in store.list(f"{COMPACTED}/{topic}/"):
        if match := _KEY.fullmatch(key):
            slots[match[1]][match[2]].append(key)
    removed = 0
    for slot in list_slots(store, topic, window):
        keys = slots[slot.compacted_key("", 0).removesuffix("++00000.parquet")]
        if len(keys) < 2:  # the winner's alone: a manifest names at least one object
            continue
        winner = read_manifest(store, slot).attempt
        for key in [key for attempt, written in keys.items() if attempt != winner for key in written]:
            store.remove(key)
            removed += 1
    return removed
