"""Compacted objects, read again and held against the fences whose rows they are said to hold."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from consumer.compact.content import content_hash
from consumer.compact.manifest import Output, Source
from consumer.compact.rows import Groups, Rows
from consumer.fence import Fence, parse_fence
from consumer.ranged import RangedFile
from consumer.store import Store
from contracts.errors import BackbeatError
from contracts.lake import Chain, Slot


def verify(store: Store, slot: Slot, output: Output) -> None:
    """BackbeatError unless `output` is as it was written: the rows that its sources' fences decided."""
    file = RangedFile(store, output.key)
    if file.sha256() != output.sha256:
        raise _wrong(output, "is not what was written there")
    try:
        groups = Groups(pq.ParquetFile(file))
        start = 0
        for source in output.sources:
            rows = Rows(groups, start, start + source.count)
            start += source.count
            if not _holds(rows, source, fence_of(store, slot, source)):
                raise _wrong(output, f"does not hold the rows of {source.key}")
    except (pa.ArrowInvalid, OSError, KeyError) as error:
        raise _wrong(output, "is no Parquet object of records") from error
    if groups.rows != start:
        raise _wrong(output, f"holds {groups.rows} rows, not {start}")


def fence_of(store: Store, slot: Slot, source: Source) -> Fence:
    """The fence that decided `source`; BackbeatError when there is none that says so."""
    key = chain_of(slot, source).fence_key(source.base)
    body = store.get(key)
    fence = parse_fence(key, body) if body else None
    if fence is None or (fence.data_key, fence.end) != (source.key, source.end):
        raise BackbeatError(
            f"{slot.manifest_key} names {source.key}, which {key} did not decide (BACKBEAT_LAKE)"
        )
    return fence


def chain_of(slot: Slot, source: Source) -> Chain:
    """The chain that `source` was landed by."""
    line = slot.line
    return Chain(line.sink, line.cluster_id, line.topic, line.topic_id, source.partition)


def _holds(rows: Rows, source: Source, fence: Fence) -> bool:
    if len(rows) != fence.count or content_hash(rows) != fence.content_hash:
        return False
    partitions = (table["_partition"] for table in rows.tables(["_partition"]))
    return all(pc.all(pc.equal(column, source.partition)).as_py() for column in partitions)


def _wrong(output: Output, why: str) -> BackbeatError:
    return BackbeatError(f"{output.key} {why}: run `backbeat lake audit` (BACKBEAT_LAKE)")
