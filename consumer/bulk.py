"""Lands what never was in Kafka: the same objects under the same kind of fences as the sink's.

The chain says that it is none of Kafka's: its cluster is `bulk`, its topic id says which history it is. So no
sink ever takes it for its own, and an audit reads it like any other.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from consumer.batch import Batch
from consumer.chain import Tail
from consumer.commit import Committer
from consumer.decode import decode, record_columns
from consumer.draft import Draft
from consumer.payloads import Numbers
from consumer.settings import SinkSettings
from consumer.store import Store, store_for
from contracts.arrow import bronze_schema
from contracts.bulk import BULK_CLUSTER, KnownRows
from contracts.errors import BackbeatError
from contracts.lake import Chain

# An object waits for the disk four times (itself, its fence, their folders): so many topics wait at once.
_WRITERS = 4
# Few enough to stay in the processor's cache while they are hashed and compressed.
_SLICE = 10_000


class BulkLander:
    """Lands rows of `topics`, one object for each call; at most one object a topic is on its way."""

    def __init__(self, store: Store, sink: str, history: str, topics: Collection[str]) -> None:
        self._store = store
        self._chains = {topic: Chain(sink, BULK_CLUSTER, topic, history, 0) for topic in topics}
        self._tails = dict.fromkeys(topics, Tail())
        self._committer = Committer(store, f"bulk-{history}")
        self._on_the_way: dict[str, Future[Tail]] = {}
        self._pool = ThreadPoolExecutor(_WRITERS)

    def __enter__(self) -> Self:
        for chain in self._chains.values():
            if self._store.last(chain.fence_prefix):
                raise BackbeatError(
                    f"the lake holds rows of this very history already ({chain.fence_prefix}): choose "
                    "another seed, or another lake (BACKBEAT_LAKE)"
                )
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
        draft = Draft(rows.topic, chain.partition, tail.next)
        for start in range(0, len(rows), _SLICE):
            draft.add(*_slice(rows, tail.next, start))
        landed = self._committer.land(chain, tail, draft)
        if landed is None:
            raise BackbeatError(f"{chain.fence_prefix}: another process lands this history (BACKBEAT_LAKE)")
        return landed[0]


def _slice(rows: KnownRows, base: int, start: int) -> tuple[Batch, pa.Table]:
    """The records from `start` on, with their offsets from `base` on, and their rows in the lake."""
    timestamps = rows.timestamps[start : start + _SLICE]
    count = len(timestamps)
    batch = Batch(
        rows.topic,
        0,
        base + np.arange(start, start + count),
        pa.array(timestamps),
        rows.keys.slice(start, count),
        rows.values.slice(start, count),
        [None] * count,
    )
    inside = rows.doubtful[(rows.doubtful >= start) & (rows.doubtful < start + count)] - start
    return batch, known_table(batch, rows.columns.slice(start, count), inside)


def known_table(batch: Batch, columns: pa.Table, doubtful: Numbers) -> pa.Table:
    """What `decode(batch)` gives; its part of the contract is in `columns`, but for the rows `doubtful`."""
    known = pa.Table.from_arrays(
        [*columns.columns, *record_columns(batch)], schema=bronze_schema(batch.topic)
    )
    if not len(doubtful):
        return known
    pieces, at = [], 0
    decoded = decode(batch.take(doubtful))
    for number, row in enumerate(doubtful.tolist()):
        pieces += [known.slice(at, row - at), decoded.slice(number, 1)]
        at = row + 1
    return pa.concat_tables([*pieces, known.slice(at)])


def bulk_for(lake: str, history: str, topics: Collection[str]) -> BulkLander:
    """Where `history` lands in the lake at this address; BackbeatError when it cannot be used."""
    settings = SinkSettings()
    return BulkLander(store_for(lake, settings), settings.sink_name, history, topics)
