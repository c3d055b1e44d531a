"""Files into the archive, and out of it again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import PurePosixPath

from contracts.errors import BackbeatError
from contracts.lake import INBOX, expired_key, kept_key
from producer.archive.entry import (
    LANDING,
    REFUSED,
    ArchiveStore,
    Entry,
    EntryStore,
    entries,
    has_expired,
    write_entry,
)
from producer.importers.inbox import CHUNK, Dropped


def keep(
    store: ArchiveStore, dropped: Dropped, digest: str, *, imported: bool, is_report: bool = False
) -> Entry:
    """Move a file out of the inbox; where it lies now. BackbeatError where it has gone or changed."""
    entry = _entered(store, dropped, digest, LANDING if imported else REFUSED, is_report=is_report)
    if not store.copy(dropped.key, entry.key):
        raise BackbeatError(f"{dropped.key}: gone from the inbox while it was imported")
    copied = store.head(entry.key)
    if copied is None or copied.size != dropped.size:
        raise BackbeatError(f"{dropped.key}: changed while it was archived as {entry.key}; drop it again")
    store.remove(expired_key(entry.zone, digest))  # it is here again
    store.remove(dropped.key)
    return entry


def keep_body(store: EntryStore, body: bytes, name: str) -> Entry:
    """Archive a report that came otherwise than through the inbox; where it lies."""
    digest = sha256(body).hexdigest()
    entry = _entered(store, Dropped("", None, name, len(body)), digest, LANDING, is_report=True)
    store.create(entry.key, body)
    return entry


def _entered(store: EntryStore, dropped: Dropped, digest: str, zone: str, *, is_report: bool) -> Entry:
    """The entry of a file, written down unless its content has one."""
    now = datetime.now(UTC)
    suffix = PurePosixPath(dropped.name).suffix.lower()
    wanted = Entry(
        sha256=digest,
        zone=zone,
        key=kept_key(zone, digest, suffix, now),
        name=dropped.name,
        listener=dropped.listener,
        size=dropped.size,
        is_report=is_report,
        archived_at=now.isoformat(timespec="seconds"),
    )
    return write_entry(store, wanted)


def damage(store: ArchiveStore, entry: Entry) -> str | None:
    """What is wrong with an archived file, in words; None: its bytes are those that came."""
    if has_expired(store, entry):
        return None
    head = store.head(entry.key)
    if head is None:
        return f"{entry.key}: missing ({entry.name}); drop the file into {INBOX}/ again"
    digest = sha256()
    for start in range(0, head.size, CHUNK):
        digest.update(store.read(entry.key, start, min(CHUNK, head.size - start)))
    is_same = digest.hexdigest() == entry.sha256
    return None if is_same else f"{entry.key}: other bytes than came ({entry.name})"


def restore(store: ArchiveStore, entry: Entry) -> str:
    """Put a file back into the inbox, under its own name; its key there. The archive keeps it.

    BackbeatError where it was let go, or is not what came.
    """
    if has_expired(store, entry):
        raise BackbeatError(f"{entry.name}: let go by BACKBEAT_ARCHIVE_LANDING_DAYS; nothing holds it")
    if fault := damage(store, entry):
        raise BackbeatError(fault)
    key = "/".join(part for part in (INBOX, entry.listener, entry.name) if part)
    if store.head(key) is not None:
        raise BackbeatError(f"{key}: another file of that name waits there; `backbeat inbox` first")
    store.copy(entry.key, key)
    return key


def aged(store: ArchiveStore, days: int, now: datetime) -> Iterator[Entry]:
    """The files that retention lets go: older than `days`; none where `days` is 0."""
    if days:
        last = now - timedelta(days=days)
        yield from (one for one in entries(store) if one.moment < last and not has_expired(store, one))


def let_go(store: ArchiveStore, entry: Entry) -> None:
    """Remove an archived file for good; what says so is written first."""
    store.create(expired_key(entry.zone, entry.sha256), datetime.now(UTC).isoformat().encode())
    store.remove(entry.key)


def find(store: ArchiveStore, beginning: str) -> Entry:
    """The one entry whose hash or name is or begins like that; BackbeatError where none or several do."""
    found = [one for one in entries(store) if one.sha256.startswith(beginning) or one.name == beginning]
    if len(found) != 1:
        many = len(found) or "no"
        raise BackbeatError(f"{beginning}: {many} archived files are called so (`backbeat archive list`)")
    return found[0]
