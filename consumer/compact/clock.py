"""What time it is where the lake lies: ages are compared on one clock, never on ours and the store's."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from consumer.store import Store
from contracts.lake import DEPARTURES


def store_time(store: Store) -> datetime:
    """The time (UTC) that the store gives to what is written now; its precision may be a second."""
    key = f"{DEPARTURES}/.clock/{uuid4().hex}"
    store.create(key, b"")
    try:
        head = store.head(key)
    finally:
        store.remove(key)
    return head.modified if head and head.modified else datetime.now(UTC)
