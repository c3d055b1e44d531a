"""A small lake without a broker: values as a producer publishes them, landed as the sink would land them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from consumer.batch import Records
from consumer.decode import decode
from consumer.parquet import encode
from contracts.lake import Chain

_FIRST_LANDING = datetime(2026, 3, 20, 12, tzinfo=UTC)


def wire(moment: datetime) -> str:
    """A UTC time as producers write it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(name: str, occurred_at: datetime, user_id: str = "sim-000001", **fields: Any) -> dict[str, Any]:
    """An event whose id follows from `name`, with the envelope filled in."""
    return {
        "event_id": str(uuid5(NAMESPACE_URL, name)),
        "schema_version": 1,
        "user_id": user_id,
        "occurred_at": wire(occurred_at),
        "source": "simulator",
        "country": "DE",
        "device": "phone",
        **fields,
    }


def play(name: str, occurred_at: datetime, user_id: str = "sim-000001", **fields: Any) -> dict[str, Any]:
    """A play of three minutes that ended at `occurred_at`; its track follows from `track`."""
    track = fields.pop("track", "one")
    own = {
        "play_id": name,
        "track_id": f"track:{track}",
        "track_title": f"Song {track}",
        "artist_name": f"Artist {track[0]}",
        "ms_played": 180_000,
        "duration_ms": 200_000,
        "skipped": False,
    }
    return event(name, occurred_at, user_id, **(own | fields))


@dataclass
class LakeBuilder:
    """A folder lake that grows object by object; offsets go on where the last object ended."""

    root: Path
    landed_at: datetime = _FIRST_LANDING
    _next: dict[tuple[str, int], int] = field(default_factory=dict)

    def land(
        self,
        topic: str,
        values: Sequence[dict[str, Any] | bytes],
        *,
        landed_at: datetime | None = None,
        partition: int = 0,
        base: int | None = None,
    ) -> Path:
        """Write one object of `values` (events, or raw bytes) and return its path.

        `landed_at` is the broker's clock; `base` places the object elsewhere than after the last one.
        """
        moment = landed_at or self.landed_at
        first = self._next.get((topic, partition), 0) if base is None else base
        bodies = [value if isinstance(value, bytes) else json.dumps(value).encode() for value in values]
        absent: list[None] = [None] * len(bodies)
        offsets, times = (
            list(range(first, first + len(bodies))),
            [int(moment.timestamp() * 1000)] * len(bodies),
        )
        records = Records(topic, partition, offsets, list(times), absent, bodies, absent)
        chain = Chain("backbeat-sink", "test-cluster", topic, "test-topic", partition)
        path = self.root / chain.data_key(first, moment)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(decode(records.batch()), {}))
        self._next[topic, partition] = max(first + len(bodies), self._next.get((topic, partition), 0))
        return path
