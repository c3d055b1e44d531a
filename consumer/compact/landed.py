"""The data objects of bronze, by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from consumer.store import Store
from contracts.lake import BRONZE, hour_prefix

# From the first hour up to, not including, the second; None: open.
Window = tuple[datetime | None, datetime | None]
ALWAYS: Window = (None, None)

_HOUR = re.compile(rf"{BRONZE}/[^/]+/year=(\d{{4}})/month=(\d\d)/day=(\d\d)/hour=(\d\d)/")
_NAME = re.compile(r"[^/+]+\+(\d{5,})\+(\d{20})\+([0-9a-f]{8})\.parquet")


@dataclass(frozen=True, order=True)
class Landed:
    """One data object; they sort in (partition, offset) order."""

    partition: int
    base: int
    incarnation: str
    hour: datetime
    key: str


def list_keys(store: Store, topic: str, window: Window = ALWAYS) -> Iterator[tuple[datetime | None, str]]:
    """What a glob of `topic` finds in the hours of `window`, in key order, each with its hour.

    None for a folder that is no hour: such keys are given only when the window is open at both ends.
    """
    start, end = window
    for key in store.list(f"{BRONZE}/{topic}/", hour_prefix(topic, start) if start else ""):
        if not key.endswith(".parquet"):
            continue
        hour = _hour(key)
        if hour is None and window != ALWAYS:
            continue
        if hour is not None and end is not None and hour >= end:
            return
        yield hour, key


def list_landed(store: Store, topic: str, window: Window = ALWAYS) -> list[Landed]:
    """Those of them whose names say what they are."""
    found = []
    for hour, key in list_keys(store, topic, window):
        match = _NAME.fullmatch(key.rpartition("/")[2])
        if hour is not None and match:
            found.append(Landed(int(match[1]), int(match[2]), match[3], hour, key))
    return found


def _hour(key: str) -> datetime | None:
    match = _HOUR.match(key)
    if not match:
        return None
    try:
        return datetime.strptime(" ".join(match.groups()), "%Y %m %d %H").replace(tzinfo=UTC)
    except ValueError:  # hour=99
        return None
