"""Files that people drop into the lake: taken, imported, and archived by their SHA-256.

`landing/inbox/<file>` is a history of the default listener, `landing/inbox/<listener>/<file>` one of that
listener. A file that was imported goes to the archive (`producer.archive`), one that is nothing to import to
its zone of refused ones. It leaves the inbox last: a run that dies half-way is made good by the next, and
receipts see to it that no row counts twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from contracts.lake import INBOX
from producer.importers.receipt import LakeStore

CHUNK = 8 << 20


class Described(Protocol):
    """What a store tells about an object."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def modified(self) -> datetime | None:
        """When it was written, by the store's clock."""


class InboxStore(LakeStore, Protocol):
    """What the inbox needs of a lake besides receipts."""

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        """The keys that begin with `prefix`, in order."""

    def head(self, key: str) -> Described | None:
        """Size and time of one object."""

    def read(self, key: str, start: int, size: int) -> bytes:
        """`size` bytes of the object from `start` on."""

    def copy(self, source: str, target: str) -> bool:
        """Have the object at `source` also at `target`."""

    def remove(self, key: str) -> None:
        """Delete the object."""


@dataclass(frozen=True)
class Dropped:
    """A file in the inbox: its key, whose it is (None: the default listener), name, and size in bytes."""

    key: str
    listener: str | None
    name: str
    size: int


def waiting(store: InboxStore, settled: timedelta, now: datetime | None = None) -> list[Dropped]:
    """The files nobody has written to for as long as `settled`; hidden ones are somebody's partial copies."""
    moment = now or datetime.now(UTC)
    found = []
    for key in store.list(f"{INBOX}/"):
        head = store.head(key)
        *folders, name = key.removeprefix(f"{INBOX}/").split("/")
        if head is None or name.startswith(".") or len(folders) > 1:
            continue
        if head.modified is None or moment - head.modified >= settled:
            found.append(Dropped(key, folders[0] if folders else None, name, head.size))
    return found


def fetch(store: InboxStore, dropped: Dropped, folder: Path) -> tuple[Path, str]:
    """Copy a file to `folder`, under its own name; the path, and the SHA-256 of its bytes."""
    digest, path = sha256(), folder / dropped.name
    with path.open("wb") as file:
        for start in range(0, dropped.size, CHUNK):
            chunk = store.read(dropped.key, start, min(CHUNK, dropped.size - start))
            digest.update(chunk)
            file.write(chunk)
    return path, digest.hexdigest()
