"""Importers: rows per CPU-second of each format, beside a bare read of the same file; a million rows whole.

    python -m benchmarks.importers convert spotify_history FILE     # one measurement, in a process of its own

*Convert* is everything but Kafka: find, recognise, hash, parse, make events, encode. The bare read is what
Python's own `json` or `csv` takes to parse the file and throw it away. *Whole* goes through the publisher and
the embedded broker, which are in the process that is measured, into a lake; the sink is a child, apart.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.clock import CHILDREN, Clock
from benchmarks.exports import WRITERS, write_export
from producer.importers.batch import Batch
from producer.importers.context import Context
from producer.importers.dropped_file import find
from producer.importers.pseudonym import Pseudonyms
from producer.local import publishing
from producer.settings import KafkaSettings

ROWS = 100_000
MANY_ROWS = 1_000_000
WHOLE = "spotify_history"

Figures = dict[str, float]


class _Nowhere:
    """A lake and a publisher that keep nothing."""

    def publish(self, *_record: object) -> None:
        """Drop a record."""

    def publish_many(self, _topic: str, _keys: Sequence[bytes | None], _values: Sequence[bytes]) -> None:
        """Drop records."""

    def create(self, _key: str, _body: bytes) -> bool:
        return True

    def get(self, _key: str) -> bytes | None:
        return None


def measure() -> dict[str, object]:
    """Each format with `ROWS` rows; then `WHOLE` with `ROWS` and `MANY_ROWS` through the embedded broker."""
    found: dict[str, object] = {"rows": ROWS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        formats: dict[str, object] = {}
        for kind in WRITERS:
            write_export(kind, path, ROWS)
            converted, bare = (_alone(what, kind, path) for what in ("convert", "bare"))
            formats[kind] = {
                "bytes_per_row": round(path.stat().st_size / ROWS),
                "rows_per_cpu_second": round(ROWS / converted["cpu"]),
                "bare_read_rows_per_cpu_second": round(ROWS / bare["cpu"]),
                "times_a_bare_read": round(converted["cpu"] / bare["cpu"], 1),
                "peak_mib": converted["peak_mib"],
            }
        found["formats"] = formats
        found["whole"] = {"kind": WHOLE, "sizes": [_sized(rows, path) for rows in (ROWS, MANY_ROWS)]}
    return found


def _sized(rows: int, path: Path) -> Figures:
    write_export(WHOLE, path, rows)
    bare, whole = _alone("bare", WHOLE, path), _alone("whole", WHOLE, path)
    return {
        "rows": rows,
        "cpu_seconds_broker_included": round(whole["cpu"], 1),
        "sink_cpu_seconds": round(whole["children_cpu"], 1),
        "seconds_until_landed": round(whole["wall"], 1),
        "peak_mib": whole["peak_mib"],
        "bare_read_cpu_seconds": round(bare["cpu"], 1),
        "bare_read_peak_mib": bare["peak_mib"],
    }


def _alone(what: str, kind: str, path: Path) -> Figures:
    """Measure in a process of its own: only there its peak of memory is that of one thing."""
    with tempfile.TemporaryDirectory() as lake:
        environment = {**os.environ, "BACKBEAT_LAKE": lake, "BACKBEAT_KAFKA_BOOTSTRAP": ""}
        command = [sys.executable, "-m", "benchmarks.importers", what, kind, str(path)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def _bare(kind: str, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        if kind in {"listenbrainz", "panoscrobbler"}:
            for line in file:
                json.loads(line)
        elif file.read(1) in "[{":
            file.seek(0)
            json.load(file)
        else:
            for _ in csv.reader(file, delimiter="\t" if kind == "scrobbler_log" else ","):
                pass


def _batch(path: Path) -> Batch:
    files, _ = find([path])
    return Batch(files, _Nowhere(), Context(Pseudonyms(b"key"), datetime.now(UTC)))


def _whole(path: Path) -> None:
    batch = _batch(path)
    with publishing(KafkaSettings(), ordered=False) as (publisher, drain):
        batch.publish(publisher)
        drain()


def main(what: str, kind: str, path: Path) -> Figures:
    """One measurement: seconds, and the most memory this process held."""
    with Clock((resource.RUSAGE_SELF,)) as clock, Clock(CHILDREN) as children:
        if what == "bare":
            _bare(kind, path)
        elif what == "convert":
            _batch(path).publish(_Nowhere())
        else:
            _whole(path)
    return {"wall": clock.wall, "cpu": clock.cpu, "children_cpu": children.cpu, "peak_mib": _peak_mib()}


def _peak_mib() -> int:
    """The most this program held. Not `ru_maxrss`: that of a child begins with what its parent held."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    json.dump(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])), sys.stdout)
