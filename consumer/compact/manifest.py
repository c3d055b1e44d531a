"""A manifest: which objects of bronze were replaced by which compacted ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from consumer.compact.landed import ALWAYS, Window
from consumer.fence import Fence
from consumer.store import Store
from contracts.errors import BackbeatError
from contracts.lake import MANIFESTS, Line, Slot

_KEY = re.compile(rf"{MANIFESTS}/([^/]+)/(\d{{4}}-\d\d-\d\dT\d\d)/([^/]+)/([^/]+)/([^/]+)/(\d{{5,}})\.json")


class Source(BaseModel):
    """The object of bronze at `key`: `count` rows of `partition` in [base, end]."""

    model_config = ConfigDict(frozen=True)

    key: str
    partition: int
    base: int
    end: int
    count: int
    content_hash: str

    @classmethod
    def of(cls, partition: int, fence: Fence) -> Source:
        """What the fence says of its object."""
        return cls(
            key=fence.data_key,
            partition=partition,
            base=fence.base,
            end=fence.end,
            count=fence.count,
            content_hash=fence.content_hash,
        )


class Output(BaseModel):
    """A compacted object: the rows of `sources`, one after the other, as they are in bronze.

    `size` in bytes, `sha256` of all of them; `first` and `last` are the outermost (partition, offset) of
    the ranges that it covers.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    size: int
    rows: int
    sha256: str
    first: tuple[int, int]
    last: tuple[int, int]
    sources: list[Source]


class Manifest(BaseModel):
    """What lies at a slot's manifest key; `attempt` is part of the outputs' keys."""

    model_config = ConfigDict(frozen=True)

    attempt: str
    writer: str
    outputs: list[Output]

    @property
    def sources(self) -> Iterator[Source]:
        """Everything it replaces."""
        return (source for output in self.outputs for source in output.sources)

    def body(self) -> bytes:
        """The manifest as JSON."""
        return self.model_dump_json().encode()


def slot_of(key: str) -> Slot | None:
    """The slot that a manifest key belongs to; None for any other key."""
    if not (match := _KEY.fullmatch(key)):
        return None
    hour = datetime.strptime(match[2], "%Y-%m-%dT%H").replace(tzinfo=UTC)
    return Slot(Line(match[1], match[3], match[4], match[5]), hour, int(match[6]))


def list_slots(store: Store, topic: str, window: Window = ALWAYS) -> list[Slot]:
    """The slots of `topic` that have a manifest, in the hours of `window`."""
    start, end = window
    prefix = f"{MANIFESTS}/{topic}/"
    # Hours sort as their names do; the keys of an hour sort behind its bare name.
    after = f"{prefix}{start:%Y-%m-%dT%H}" if start else ""
    found = []
    for key in store.list(prefix, after):
        if (slot := slot_of(key)) is None:
            continue
        if end is not None and slot.hour >= end:
            break
        found.append(slot)
    return found


def read_manifest(store: Store, slot: Slot) -> Manifest:
    """The manifest of `slot`, which has one; BackbeatError when it cannot be read."""
    body = store.get(slot.manifest_key)
    try:
        return Manifest.model_validate_json(body or b"")
    except ValidationError as error:
        raise BackbeatError(f"{slot.manifest_key} in the lake is no manifest (BACKBEAT_LAKE)") from error
