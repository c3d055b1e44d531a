"""One line of the archive's manifest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol

import orjson

from contracts.errors import BackbeatError
from contracts.lake import KEPT, entry_key, expired_key
from producer.importers.inbox import InboxStore
from producer.importers.receipt import LakeStore

LANDING, REFUSED = "landing", "refused"


class EntryStore(LakeStore, Protocol):
    """What writing an entry down needs of a lake."""


class ArchiveStore(InboxStore, Protocol):
    """What the archive needs of a lake."""


@dataclass(frozen=True)
class Entry:
    """A file in the archive: its SHA-256, where it lies, what it was called and whose it was, bytes, and when
    it was archived (ISO, UTC). `zone` is landing, or refused for what was nothing to import."""

    sha256: str
    zone: str
    key: str
    name: str
    listener: str | None
    size: int
    is_report: bool
    archived_at: str

    @property
    def moment(self) -> datetime:
        """When it was archived."""
        return datetime.fromisoformat(self.archived_at)


def write_entry(store: EntryStore, entry: Entry) -> Entry:
    """The entry that stands: this one, or that of the same content of before."""
    store.create(entry_key(entry.zone, entry.sha256), orjson.dumps(asdict(entry), option=orjson.OPT_INDENT_2))
    return read_entry(store, entry_key(entry.zone, entry.sha256))


def read_entry(store: EntryStore, key: str) -> Entry:
    """The entry at `key`; BackbeatError where it is none."""
    try:
        return Entry(**orjson.loads(store.get(key) or b""))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise BackbeatError(f"{key}: not an entry of the archive's manifest") from error


def entries(store: ArchiveStore) -> Iterator[Entry]:
    """The whole manifest, by zone and hash."""
    for key in store.list(f"{KEPT}/"):
        if key.endswith(".json"):
            yield read_entry(store, key)


def has_expired(store: ArchiveStore, entry: Entry) -> bool:
    """Whether the file was let go by policy."""
    return store.get(expired_key(entry.zone, entry.sha256)) is not None
