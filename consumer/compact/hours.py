"""Which hours are closed, as far as the fences tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from consumer.chain import walk
from consumer.store import Store
from contracts.lake import FENCES, Chain

_FENCE = re.compile(rf"{FENCES}/([^/]+)/([^/]+)/([^/]+)/([^/]+)/(\d{{5,}})/\d{{20}}\.json")


@dataclass(frozen=True)
class End:
    """The hour of a chain's last fence, and whether nothing has followed it for long."""

    hour: datetime
    quiet: bool


def closed_before(ends: Iterable[End]) -> datetime | None:
    """Hours before this one are closed; None: all that there are.

    The hour is monotone along a chain: nothing but a quiet chain can land in an hour before its last.
    """
    return min((end.hour for end in ends if not end.quiet), default=None)


def find_chains(store: Store, topic: str) -> list[Chain]:
    """Every chain of `topic` in the lake. One page of a listing a chain, however long the chains are."""
    found, after = [], ""
    while (chain := next(_chains(store.list(f"{FENCES}/", after)), None)) is not None:
        # "0" sorts right behind the slash: on to what follows this chain's folder.
        after = f"{chain.fence_prefix.removesuffix('/')}0"
        if chain.topic == topic:
            found.append(chain)
    return found


def _chains(keys: Iterator[str]) -> Iterator[Chain]:
    for key in keys:
        if match := _FENCE.fullmatch(key):
            yield Chain(match[1], match[2], match[3], match[4], int(match[5]))


def end_of(store: Store, chain: Chain, now: datetime, quiet_seconds: float) -> End | None:
    """Where `chain` ends at `now`, a time of the store's clock; None when it has no fence."""
    fence = walk(store, chain).fence
    if fence is None:
        return None
    head = store.head(chain.fence_key(fence.base))
    modified = head.modified if head and head.modified else now
    return End(fence.hour, now - modified > timedelta(seconds=quiet_seconds))
