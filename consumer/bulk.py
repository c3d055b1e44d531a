"""Lands what never was in Kafka: the same objects under the same kind of fences as the sink's.

The chain says that it is none of Kafka's: its cluster is `bulk`, its topic id says which history it is. So no
sink ever takes it for its own, and an audit reads it like any other. The same history may be landed again:
what is there is compared, through the hash of its records in the fence, and landing goes on behind it.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from consumer.bulk_draft import KnownDraft
from consumer.chain import Tail, walk
from consumer.commit import Committer
from consumer.data import write
from consumer.fence import Fence, parse_fence
from consumer.settings import SinkSettings
from consumer.store import Store, store_for
from contracts.bulk import BULK_CLUSTER, KnownRows
from contracts.errors import BackbeatError
from contracts.lake import Chain

# An object waits for the disk four times (itself, its fence, their folders): so many topics wait at once.
_WRITERS = 4


class BulkLander:
    """Lands rows of `topics`, one object for each call; at most one object a topic is on its way."""

    def __init__(self, store: Store, sink: str, history: str, topics: Collection[str]) -> None:
        self._store = store
        self._chains = {topic: Chain(sink, BULK_CLUSTER, topic, history, 0) for topic in topics}
        self._tails = dict.fromkeys(topics, Tail())
        self._ends = dict.fromkeys(topics, Tail())
        self._committer = Committer(store, f"bulk-{history}")
        self._on_the_way: dict[str, Future[Tail]] = {}
        self._pool = ThreadPoolExecutor(_WRITERS)

    def __enter__(self) -> Self:
        self._ends = {topic: walk(self._store, chain) for topic, chain in self._chains.items()}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)
        if kind is None:
            for topic in list(self._on_the_way):
                self._settle(topic)

    def land(self, rows: KnownRows) -> None:
        """Put `rows` into the lake behind those of their topic before."""
        self._settle(rows.topic)
        if len(rows):
            self._on_the_way[rows.topic] = self._pool.submit(self._landed, rows, self._tails[rows.topic])

    def _settle(self, topic: str) -> None:
        if (before := self._on_the_way.pop(topic, None)) is not None:
            self._tails[topic] = before.result()

    def _landed(self, rows: KnownRows, tail: Tail) -> Tail:
        chain = self._chains[rows.topic]
        draft = KnownDraft(rows, tail.next)
        if draft.base >= self._ends[rows.topic].next:
            landed = self._committer.land(chain, tail, draft)
            if landed is not None:
                return landed[0]
        return self._found(chain, draft)

    def _found(self, chain: Chain, draft: KnownDraft) -> Tail:
        """What an earlier run, or another at the same time, has decided about the rows of `draft`."""
        key = chain.fence_key(draft.base)
        body = self._store.get(key)
        fence = None if body is None else parse_fence(key, body)
        if fence is None or (fence.end, fence.content_hash) != (draft.end, draft.content_hash()):
            raise BackbeatError(
                f"the lake holds other rows of this history ({key}), landed by another version: choose "
                "another seed, or another lake (BACKBEAT_LAKE)"
            )
        if draft.end >= self._ends[chain.topic].next - 1:
            self._finish(chain, fence, draft)
        return Tail(fence)

    def _finish(self, chain: Chain, fence: Fence, draft: KnownDraft) -> None:
        """Write the object of `fence` where its owner did not live to: as `chain.resume` does it."""
        until = self._store.deadline()
        if walk(self._store, chain).fence == fence and self._store.head(fence.data_key) is None:
            write(self._store, fence, draft, self._store.permit(fence.data_key, fence.stamp(), until))


def bulk_for(lake: str, history: str, topics: Collection[str]) -> BulkLander:
    """Where `history` lands in the lake at this address; BackbeatError when it cannot be used."""
    settings = SinkSettings()
    return BulkLander(store_for(lake, settings), settings.sink_name, history, topics)
