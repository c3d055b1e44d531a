"""What the sink asks of a place that keeps objects: few verbs, one of them atomic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from consumer.folder import FolderStore
from consumer.head import Head
from consumer.permit import Permit
from consumer.settings import StoreSettings
from contracts.errors import BackbeatError
from contracts.settings import Settings


class Store(Protocol):
    """Objects under keys relative to the lake's root; BackbeatError when the place is broken."""

    def create(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        """Put `body` at `key` unless something is there; True: this call put it, False: it was there.

        Of any number of concurrent calls exactly one returns True, and once it has returned the
        object survives a crash of the machine.
        """

    def deadline(self) -> datetime:
        """Until when what is decided now may be written (UTC)."""

    def permit(self, key: str, metadata: Mapping[str, str], until: datetime) -> Permit:
        """The right to `create` `key` with `metadata`; after `until` it creates nothing, BackbeatError.

        So whoever removes an object from bronze need only wait that long to know that no process paused
        in between brings it back.
        """

    def get(self, key: str) -> bytes | None:
        """The object's bytes; None when there is none."""

    def head(self, key: str) -> Head | None:
        """The object's size and metadata; None when there is none."""

    def read(self, key: str, start: int, size: int) -> bytes:
        """`size` bytes of the object from `start` on, fewer at its end; BackbeatError when there is none."""

    def copy(self, source: str, target: str) -> bool:
        """Have the object at `source` also at `target`; False when there is no source.

        What is at `target` already is taken for an earlier copy.
        """

    def remove(self, key: str) -> None:
        """Delete the object; harmless when there is none."""

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        """The keys that begin with `prefix` and sort after `start_after`, in lexicographic order."""

    def last(self, prefix: str, start_after: str = "") -> Sequence[str]:
        """The last two of these keys, or as many as there are; what follows `prefix` begins with 20 digits.

        Its cost does not grow with the number of keys as a listing's does.
        """


def store_for(lake: str, settings: Settings | None = None) -> Store:
    """The store of `lake` (a folder, or s3://bucket/prefix); BackbeatError when it cannot be used."""
    chosen = settings if isinstance(settings, StoreSettings) else StoreSettings()
    if not lake.startswith("s3://"):
        if "://" in lake:
            raise BackbeatError(f"BACKBEAT_LAKE={lake} is neither a folder nor s3://bucket/prefix")
        return FolderStore(Path(lake), chosen.sink_put_seconds)
    from consumer.s3 import S3Store  # noqa: PLC0415 -- importing boto3 takes 0.3 s that a folder need not pay

    return S3Store(lake, chosen)
