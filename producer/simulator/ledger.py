"""The ground truth of a simulation: every planted defect, and what should become of each topic's events."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from contracts.errors import BackbeatError
from producer.simulator.whole_file import whole

SCHEMA = pa.schema(
    [
        pa.field("defect", pa.string(), nullable=False),
        pa.field("topic", pa.string(), nullable=False),
        pa.field("event_id", pa.string()),
        pa.field("payload_sha256", pa.string(), nullable=False),
        pa.field("expected_code", pa.string()),
    ]
)
TOTALS_KEY, BOTS_KEY = b"backbeat_totals", b"backbeat_bots"


@dataclass
class Ledger:
    """Collects while a simulation runs: one row per planted defect, one count per topic.

    With `counts_only` no rows: then its memory does not grow with the simulation. `bots`: user ids of
    accounts whose events are sound, but not a listener's.
    """

    counts_only: bool = False
    bots: list[str] = field(default_factory=list)
    _columns: dict[str, list[str | None]] = field(default_factory=lambda: {name: [] for name in SCHEMA.names})
    _totals: dict[str, dict[str, int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._columns["defect"])

    def count(self, topic: str, produced: int) -> None:
        """`produced` more events of `topic`, accepted unless a defect says otherwise."""
        totals = self._topic(topic)
        totals["produced"] += produced
        totals["expected_accepted"] += produced

    def record(
        self, defect: str, topic: str, event_id: str | None, payload: bytes, expected_code: str | None
    ) -> None:
        """One counted event of `topic` carries `defect`; a null `expected_code` means it is accepted."""
        if not self.counts_only:
            row = (defect, topic, event_id, sha256(payload).hexdigest(), expected_code)
            for name, value in zip(SCHEMA.names, row, strict=True):
                self._columns[name].append(value)
        if expected_code is not None:
            totals = self._topic(topic)
            totals["expected_accepted"] -= 1
            totals["expected_rejected"] += 1

    def append(self, other: Ledger) -> None:
        """Put what `other` collected behind what is here."""
        for name, values in other._columns.items():
            self._columns[name] += values
        for topic, totals in other._totals.items():
            for name, count in totals.items():
                self._topic(topic)[name] += count

    def totals(self) -> dict[str, dict[str, int]]:
        """By topic: produced = expected_accepted + expected_rejected."""
        return {topic: dict(counts) for topic, counts in sorted(self._totals.items())}

    def table(self) -> pa.Table:
        """The rows so far, in the order they were sent; totals and bots are in the schema's metadata."""
        metadata = {
            TOTALS_KEY: json.dumps(self.totals()).encode(),
            BOTS_KEY: json.dumps(self.bots).encode(),
        }
        return pa.table(self._columns, schema=SCHEMA.with_metadata(metadata))

    def write(self, path: Path) -> None:
        """The ledger as Parquet, whole or not at all. Raises BackbeatError that names `path`."""
        with whole(path, "the ledger") as partial:
            pq.write_table(self.table(), partial, compression="zstd")

    @staticmethod
    def require_writable(path: Path) -> None:
        """Raise BackbeatError now if `write(path)` could not work later."""
        partial = path.with_name(f".{path.name}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.touch()
            partial.unlink()
        except OSError as error:
            raise BackbeatError(f"{path}: the ledger cannot be written: {error.strerror or error}") from error
        if path.is_dir():
            raise BackbeatError(f"{path}: the ledger cannot be written: it is a folder")

    def _topic(self, topic: str) -> dict[str, int]:
        return self._totals.setdefault(
            topic, dict.fromkeys(("produced", "expected_accepted", "expected_rejected"), 0)
        )
