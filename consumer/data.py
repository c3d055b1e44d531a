"""The data object that a fence has decided on: written at most once, under exactly that key."""

from __future__ import annotations

from threading import Lock

import pyarrow.compute as pc

from consumer.batch import Batch
from consumer.decode import decode
from consumer.fence import Fence
from consumer.parquet import encode, footer
from consumer.permit import Permit
from consumer.store import Store
from consumer.tally import Tally
from consumer.watch.metrics import landed, stage
from contracts.errors import BackbeatError

# Decoding holds the interpreter lock anyway: side by side it would only hold several slices of objects.
_one_decoder = Lock()


def write(store: Store, fence: Fence, batch: Batch, create: Permit) -> Tally:
    """Put the rows of `batch` at the fence's key, by the right to `create` it; returns what this added.

    Someone else may have finished it from the same fence: then its rows must be these, and nothing
    is added. BackbeatError when they are others.
    """
    with stage("encode").time():
        with _one_decoder:
            table = decode(batch)
        body = encode(table, fence.stamp())
    malformed = table.num_rows - table["error"].null_count
    tally = Tally(rows=table.num_rows, objects=1, bytes=len(body), malformed=malformed)
    payload_bytes = pc.sum(pc.binary_length(table["payload"])).as_py() or 0
    del table  # not held while the object is on its way
    with stage("put").time():
        created = create(body)
    if created:
        landed(batch.topic, fence, payload_bytes, tally)
        return tally
    verify(store, fence)
    return Tally()


def verify(store: Store, fence: Fence) -> None:
    """BackbeatError unless the object at the fence's key says it holds the fence's rows."""
    found = store.get(fence.data_key)
    held = footer(found).get("backbeat-content-hash") if found is not None else "nothing"
    if held != fence.content_hash:
        raise BackbeatError(
            f"{fence.data_key} in the lake holds other rows than its fence decided "
            f"({held}, not {fence.content_hash}): something else writes there (BACKBEAT_LAKE)"
        )
