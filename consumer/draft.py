"""A draft: what the next flush of a partition will land, decoded and compressed while it still grows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from pyarrow import compute

from consumer.batch import Batch
from consumer.decode import decode
from consumer.digest import Digest, content_hash
from consumer.parquet import ParquetObject
from consumer.watch.metrics import stage
from contracts.arrow import bronze_schema


class Draft:
    """The records of `topic`/`partition` from the offset `base` on, with what a fence says about them.

    `first` and `last` are the outermost offsets delivered, `end` the last one it covers; `gaps` the runs
    [from, to] in [base, end] that Kafka never delivered; `earliest` and `latest` the outermost broker
    timestamps (epoch ms; None: no record has one).
    """

    def __init__(self, topic: str, partition: int, base: int) -> None:
        self.topic, self.partition, self.base = topic, partition, base
        self.first = self.last = self.end = base - 1
        self.rows = self.malformed = self.payload_bytes = 0
        self.gaps: list[tuple[int, int]] = []
        self.earliest: int | None = None
        self.latest: int | None = None
        self._latest_batch: Batch | None = None
        self._digest = Digest()
        self._file = ParquetObject(bronze_schema(topic))

    def __len__(self) -> int:
        return self.rows

    @property
    def held_bytes(self) -> int:
        """What it takes in memory."""
        return self._file.held_bytes

    def add(self, batch: Batch, known: pa.Table | None = None) -> None:
        """Append records whose offsets are all behind `end`; `known` is what decoding them would give."""
        self._account(batch)
        self._digest.update(batch)
        with stage("decode").time():
            table = decode(batch) if known is None else known
            self._file.add(table)
        self.malformed += table.num_rows - table["error"].null_count

    def _account(self, batch: Batch) -> None:
        ahead = np.concatenate([[self.end], batch.offsets])
        jumps = np.flatnonzero(np.diff(ahead) > 1)
        self.gaps += [(int(ahead[n]) + 1, int(ahead[n + 1]) - 1) for n in jumps]
        if not self.rows:
            self.first = int(batch.offsets[0])
        self.last = self.end = int(batch.offsets[-1])
        self.rows += len(batch)
        self.payload_bytes += batch.payload_bytes
        self._latest_batch = batch
        known = [t for t in (self.earliest, self.latest) if t is not None]
        if batch.timestamps.null_count < len(batch):
            known += compute.min_max(batch.timestamps).as_py().values()
        if known:
            self.earliest, self.latest = min(known), max(known)

    def reach(self, end: int) -> None:
        """Cover the offsets up to `end`: nothing was delivered behind `last`."""
        if end > self.end:
            self.gaps.append((self.end + 1, end))
            self.end = end

    def squeeze(self) -> None:
        """Give memory back: compress what waits to fill a row group."""
        self._file.squeeze()

    def content_hash(self) -> str:
        """The hash of its records."""
        return self._digest.hexdigest()

    def last_hash(self) -> str:
        """The content hash of the last record alone: enough to tell whether Kafka still holds it."""
        return last_hash(self._last_batch())

    @property
    def last_epoch(self) -> int | None:
        """The leader epoch of the last record, where the client tells it."""
        return self._last_batch().last_epoch

    def _last_batch(self) -> Batch:
        if self._latest_batch is None:
            raise ValueError(f"{self.topic}/{self.partition} from {self.base} has no record")
        return self._latest_batch

    def finish(self, metadata: Mapping[str, str]) -> memoryview:
        """Its data object, with `metadata` in the footer; nothing can be added after."""
        return self._file.finish(metadata)


def last_hash(batch: Batch) -> str:
    """The content hash of the last record of `batch`."""
    return content_hash([batch.last()])
