"""A lake laid down by the sink's own commit, without a broker: fences, objects, hours, quiet partitions."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from consumer.batch import Batch, Headers, Records
from consumer.chain import Tail
from consumer.commit import Committer
from consumer.compact.files import LakeFile
from consumer.draft import Draft
from consumer.ranged import RangedFile
from consumer.settings import UpkeepSettings
from consumer.store import Store
from contracts.lake import Chain
from tests.sink_harness import PLAY

NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LONG_AGO = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
Row = tuple[int, int]

ODD: list[tuple[bytes | None, bytes | None, Headers | None]] = [
    (None, b"{", None),
    (b"\xfe", b"\xff\xfe", [("a", b"1"), ("a", b"\xff")]),
    (b"base64:", b"", []),
    (b"k", None, [("backbeat-rejected", b"not_utf8: said the importer")]),
    (b"k", b"\xff", [("backbeat-rejected", b"not_utf8: said the importer")]),
]


def settings(lake: object, **more: object) -> UpkeepSettings:
    chosen = {"lake": str(lake), "compact_quiet_seconds": 1e9, "archive_after_days": 0.0, **more}
    return UpkeepSettings.model_validate(chosen)


@dataclass
class Landing:
    """A sink that lands what it is told to, where and when it is told to."""

    store: Store
    topic: str = "plays"
    topic_id: str = "topic-id"
    sink: str = "backbeat-sink"
    tails: dict[int, Tail] = field(default_factory=dict)

    def chain(self, partition: int) -> Chain:
        return Chain(self.sink, "cluster", self.topic, self.topic_id, partition)

    def land(self, partition: int, count: int, hour: datetime, *, odd: bool = False) -> Tail:
        """One object of `count` plays (and one of each odd record) in `partition`, in `hour`."""
        tail = self.tails.get(partition, Tail())
        draft = Draft(self.topic, partition, tail.next)
        draft.add(self._batch(partition, tail.next, count, hour, ODD if odd else []))
        landed = Committer(self.store, "test", lambda: hour).land(self.chain(partition), tail, draft)
        assert landed is not None
        self.tails[partition] = landed[0]
        return landed[0]

    def _batch(self, partition: int, base: int, count: int, hour: datetime, odd: list) -> Batch:
        plays = [
            json.dumps({**PLAY, "play_id": f"p{partition}-{n}"}).encode() for n in range(base, base + count)
        ]
        rows = [(b"user", play, None) for play in plays] + odd
        keys, values, headers = (list(column) for column in zip(*rows, strict=True))
        time_ms = int(hour.timestamp() * 1000)
        times: list[int | None] = [time_ms + n for n in range(len(rows))]
        offsets = list(range(base, base + len(rows)))
        return Records(self.topic, partition, offsets, times, keys, values, headers).batch()

    def rows(self) -> set[Row]:
        """Every (partition, offset) that has landed."""
        return {(p, offset) for p, tail in self.tails.items() for offset in range(tail.next)}


def dust(store: Store, hours: int = 3, partitions: int = 3, objects: int = 4, rows: int = 5) -> Landing:
    """`objects` small objects an hour and partition; the last hour is still open."""
    landing = Landing(store)
    for hour in range(hours):
        for number in range(objects):
            for partition in range(partitions):
                landing.land(partition, rows + partition, NOON + hour * HOUR, odd=number == 1)
    return landing


def read_rows(store: Store, files: Iterable[LakeFile]) -> Counter[Row]:
    """How often the objects hold each (partition, offset)."""
    found: Counter[Row] = Counter()
    for file in files:
        table = pq.ParquetFile(RangedFile(store, file.key)).read(["_partition", "_offset"])
        found.update(zip(table["_partition"].to_pylist(), table["_offset"].to_pylist(), strict=True))
    return found


def grow_old(lake: Path) -> None:
    """Everything in the folder was written long ago, by the folder's own clock."""
    for path in lake.rglob("*"):
        if path.is_file():
            os.utime(path, (LONG_AGO, LONG_AGO))
