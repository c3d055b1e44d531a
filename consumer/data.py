"""The data object that a fence has decided on: written at most once, under exactly that key."""

from __future__ import annotations

import pyarrow as pa

from consumer.draft import Draft
from consumer.fence import Fence
from consumer.parquet import footer
from consumer.permit import Permit
from consumer.store import Store
from consumer.tally import Tally
from consumer.watch.metrics import landed, stage
from contracts.errors import BackbeatError


def write(store: Store, fence: Fence, draft: Draft, create: Permit) -> Tally:
    """Put the rows of `draft` at the fence's key, by the right to `create` it; returns what this added.

    Someone else may have finished it from the same fence: then its rows must be these, and nothing
    is added. BackbeatError when they are others.
    """
    with stage("encode").time():
        body = draft.finish(fence.stamp())
    tally = Tally(rows=len(draft), objects=1, bytes=len(body), malformed=draft.malformed)
    with stage("put").time():
        created = create(body)
    if created:
        landed(draft.topic, fence, draft.payload_bytes, tally)
        return tally
    verify(store, fence)
    return Tally()


def verify(store: Store, fence: Fence) -> None:
    """BackbeatError unless the object at the fence's key says it holds the fence's rows."""
    found = store.get(fence.data_key)
    held = _told(found) if found is not None else "nothing"
    if held != fence.content_hash:
        raise BackbeatError(
            f"{fence.data_key} in the lake holds other rows than its fence decided "
            f"({held}, not {fence.content_hash}): something else writes there (BACKBEAT_LAKE)"
        )


def _told(body: bytes) -> str:
    try:
        return footer(body).get("backbeat-content-hash", "no hash")
    except pa.ArrowInvalid:
        return "no Parquet"
