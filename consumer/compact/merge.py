"""The objects of a closed hour, one after the other, into few: one of them is in memory at a time."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from consumer.compact.content import content_hash
from consumer.compact.manifest import Output, Source
from consumer.compact.part import Part
from consumer.compact.rows import Groups, Rows
from consumer.store import Store
from contracts.errors import BackbeatError
from contracts.lake import Slot


class SourceError(BackbeatError):
    """An object of bronze is not there, or not what its fence decided."""


def merge(store: Store, slot: Slot, attempt: str, sources: Sequence[Source], most: int) -> list[Output]:
    """Write the rows of `sources`, in their order, into new objects of about `most` bytes.

    The keys are `attempt`'s own: nobody sees the objects before a manifest names them. SourceError when a
    source is gone or holds other rows than it should; objects that were written by then remain.
    """
    outputs: list[Output] = []
    part: Part | None = None
    for source in sources:
        part = part or Part(slot.line.topic, slot.compacted_key(attempt, len(outputs)))
        part.begin(source)
        for table in _checked(store, source).tables():
            part.add(table)
        if part.size >= most:
            outputs.append(_put(store, part, attempt))
            part = None
    return [*outputs, _put(store, part, attempt)] if part else outputs


def _put(store: Store, part: Part, attempt: str) -> Output:
    output, body = part.finish(attempt)
    if not store.permit(output.key, {}, store.deadline())(body):  # a permit takes the bytes where they are
        raise BackbeatError(f"{output.key} is there already: something else writes there (BACKBEAT_LAKE)")
    return output


def _checked(store: Store, source: Source) -> Rows:
    """The rows of `source`, which are what its fence decided."""
    body = store.get(source.key)
    if body is None:
        raise _wrong(source, "vanished from the lake")
    try:
        rows = Rows(Groups(pq.ParquetFile(pa.BufferReader(body))))
        if len(rows) == source.count and content_hash(rows) == source.content_hash:
            return rows
    except (pa.ArrowInvalid, OSError, KeyError) as error:
        raise _wrong(source, "is no Parquet object of records") from error
    raise _wrong(source, "holds other rows than its fence decided")


def _wrong(source: Source, why: str) -> SourceError:
    return SourceError(f"{source.key} {why}: run `backbeat lake audit` (BACKBEAT_LAKE)")
