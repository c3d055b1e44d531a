"""The chain of fences of one partition: where it ends is where the lake ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consumer.data import write
from consumer.draft import Draft
from consumer.fence import Fence, parse_fence
from consumer.store import Store
from consumer.tally import Tally
from contracts.errors import BackbeatError
from contracts.lake import Chain


@dataclass(frozen=True)
class Tail:
    """The end of a chain: its last fence, None before the first."""

    fence: Fence | None = None

    @property
    def next(self) -> int:
        """The first offset the lake does not have."""
        return 0 if self.fence is None else self.fence.end + 1

    @property
    def hour(self) -> datetime | None:
        """The hour the last rows landed in."""
        return None if self.fence is None else self.fence.hour

    @property
    def hint(self) -> str:
        """What a Kafka commit carries so that the next owner need not walk from the beginning."""
        return "" if self.fence is None else f"base={self.fence.base}"


class Log(Protocol):
    """Kafka, read again."""

    def read(self, topic: str, partition: int, first: int, last: int) -> Draft:
        """The records in [first, last], as far as Kafka still has them."""


def walk(store: Store, chain: Chain, hint: str = "") -> Tail:
    """Find the last fence; its cost does not grow with the chain.

    `hint` is only where to begin: when no fence lies there, the search starts at the first. Only the last
    two are read, because an owner needs no more, and whether all of them tile is for an audit to say.
    BackbeatError when the last does not begin where the one before it ends: then something was deleted
    or planted.
    """
    tail = _begin(store, chain, hint)
    start_after = "" if tail.fence is None else chain.fence_key(tail.fence.base)
    found = [_fence(store, key) for key in store.last(chain.fence_prefix, start_after)]
    if len(found) > 1:  # between the hint and these there may be others
        tail = Tail(found.pop(0))
    for fence in found:
        if fence.base != tail.next:
            raise BackbeatError(
                f"{chain.fence_prefix} in the lake is broken: a fence begins at {fence.base} where "
                f"{tail.next} is next; restore what was deleted there (BACKBEAT_LAKE)"
            )
        tail = Tail(fence)
    return tail


def resume(store: Store, chain: Chain, log: Log, hint: str = "") -> tuple[Tail, Tally]:
    """The tail to go on from, and what had to be added to the lake to get there.

    Only the last fence can lack its data object: an owner writes that before the next fence. Its rows
    are read again from Kafka and put under the key the fence fixed.
    """
    # The right to write counts from before the look at the chain: were we paused after it, others could
    # have written the object, gone on, and moved it out of bronze, and it would seem missing.
    until = store.deadline()
    tail = walk(store, chain, hint)
    if tail.fence is None or store.head(tail.fence.data_key) is not None:
        return tail, Tally()
    return tail, finish(store, chain, tail.fence, log, until)


def finish(store: Store, chain: Chain, fence: Fence, log: Log, until: datetime) -> Tally:
    """Write the data object that the owner of `fence` did not live to write, before `until`."""
    permit = store.permit(fence.data_key, fence.stamp(), until)
    found = log.read(chain.topic, chain.partition, fence.first, fence.last)
    if found.content_hash() != fence.content_hash:
        why = "retention dropped the others" if len(found) < fence.count else "the topic was replaced"
        raise BackbeatError(
            f"{chain.fence_key(fence.base)} decided {fence.count} rows of {chain.topic}/{chain.partition} "
            f"that Kafka now holds otherwise ({len(found)} rows): {why}, or truncated (see the runbook)"
        )
    return write(store, fence, found, permit)


def _begin(store: Store, chain: Chain, hint: str) -> Tail:
    base = hint.removeprefix("base=")
    if not base.isdecimal():
        return Tail()
    body = store.get(key := chain.fence_key(int(base)))
    return Tail() if body is None else Tail(parse_fence(key, body))


def _fence(store: Store, key: str) -> Fence:
    body = store.get(key)
    if body is None:
        raise BackbeatError(f"{key} vanished from the lake while it was read (BACKBEAT_LAKE)")
    return parse_fence(key, body)
