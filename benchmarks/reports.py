"""Platforms' reports: a statement of a million lines through `backbeat import`; beside it, csv reading alone.

The statement is made up in the run, in the form of DistroKid's bank details.
"""

from __future__ import annotations

import csv
import tempfile
from decimal import Decimal
from pathlib import Path
from random import Random

import pyarrow.parquet as pq

from benchmarks.build import command
from benchmarks.clock import Clock
from benchmarks.peak import Peak

LINES = 1_000_000
_HEADER = (
    *(
        "Reporting Date",
        "Sale Month",
        "Store",
        "Artist",
        "Title",
        "ISRC",
        "UPC",
        "Quantity",
        "Team Percentage",
    ),
    *("Song/Album", "Country of Sale", "Songwriter Royalties Withheld", "Earnings (USD)"),
)
_STORES = ("Spotify", "Apple Music", "Deezer", "Amazon Music", "Tidal", "YouTube Music")
_COUNTRIES = ("DE", "US", "GB", "FR", "IS", "JP", "BR", "IN")


def measure() -> dict[str, object]:
    """Lines, seconds and the most memory of one import, and the seconds of a bare `csv.reader`."""
    with tempfile.TemporaryDirectory() as place:
        statement = Path(place) / "statement.tsv"
        total = write(statement)
        environment = {"BACKBEAT_LAKE": f"{place}/lake", "BACKBEAT_PSEUDONYM_KEY": "a key of the benchmark"}
        with Peak() as peak:
            clock = command(environment, "backbeat", "import", str(statement))
        with Clock() as bare, statement.open(encoding="utf-8", newline="") as file:
            read = sum(1 for _ in csv.reader(file, delimiter="\t"))
        (report,) = pq.read_table(f"{place}/lake/landing/reports").to_pylist()
        landed = sum(path.stat().st_size for path in Path(place).glob("lake/landing/*/*.parquet"))
        return {
            "lines": report["accepted"],
            "sum_is_exact": report["measure_total"] == total,
            "statement_mib": statement.stat().st_size >> 20,
            "landed_mib": landed >> 20,
            "seconds": round(clock.wall, 1),
            "cpu_seconds": round(clock.cpu, 1),
            "most_memory_gib": peak.gib,
            "csv_alone_seconds": round(bare.wall, 1),
            "csv_alone_rows": read,
        }


def write(path: Path, lines: int = LINES) -> Decimal:
    """A made-up statement of so many lines at `path`; the sum of its earnings."""
    random, total = Random(1), Decimal(0)  # noqa: S311 -- nothing secret
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(_HEADER)
        for number in range(lines):
            track, month = random.randrange(300), number * 12 // lines
            earned = Decimal(random.randrange(10**13)).scaleb(-12)
            total += earned
            what = ("Sigur Röt", f"Track {track}", f"QZAAA24{track:05}", f"1900000{track // 8:05}")
            when = (f"2025-{month + 1:02}-11", f"2024-{month + 1:02}-01", random.choice(_STORES))
            paid = (random.randrange(4000), 100, "Song", random.choice(_COUNTRIES), 0, f"{earned:f}")
            writer.writerow((*when, *what, *paid))
    return total
