"""The snapshot that the app is measured on: so many plays, simulated, built and published."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import duckdb

from benchmarks.app_widened import widened
from benchmarks.build import command
from benchmarks.reports import write
from benchmarks.scale import ENVIRONMENT, number
from benchmarks.scale_lake import ScaleLake
from benchmarks.stage import say
from producer.reports.catalogue import platform_names, sample_bytes, samples
from serving.build import build
from serving.publish import publish
from serving.snapshot import newest

STATEMENT_LINES = 100_000


def snapshot_of(plays: str, folder: Path, times: int = 1) -> Path:
    """The snapshot of `plays` plays (10M), `times` times, in `folder`; made there unless there is one."""
    lake = ScaleLake.of(number(plays), folder / plays, os.cpu_count() or 1)
    made = newest(lake.settings.snapshots) or _publish(plays, lake)
    return made if times == 1 else widened(lake.settings.warehouse, times, folder / f"{times}x{plays}")


def _publish(plays: str, lake: ScaleLake) -> Path:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if not lake.settings.warehouse.exists():
        say(f"a lake of {plays} plays")
        lake.prepare()
        bring_reports(lake.settings.lake)
    say("build")
    build(lake.settings)
    return publish(lake.settings.warehouse, lake.settings.snapshots, keep=1).path


def bring_reports(lake: str) -> None:
    """A statement of a hundred thousand lines, and each platform's sample: the artist's pages have rows."""
    with tempfile.TemporaryDirectory() as place:
        write(Path(place) / "statement.tsv", STATEMENT_LINES)
        for platform in platform_names():
            for number, sample in enumerate(samples(platform)):
                file = Path(place) / f"{platform}-{number}" / sample.get("name", "download")
                file.parent.mkdir()
                file.write_bytes(sample_bytes(sample))
        environment = {"BACKBEAT_LAKE": lake, "BACKBEAT_PSEUDONYM_KEY": "a key of the benchmark"}
        command(environment, "backbeat", "import", place)


def counted(snapshot: Path) -> dict[str, object]:
    """How many plays, days and listeners it holds, and how large it is."""
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        found = connection.execute(
            """select count(*), date_diff('day', min(played_date), max(played_date)) + 1,
                   count(distinct user_id) from gold.fct_plays"""
        ).fetchone()
    plays, days, listeners = found or (0, 0, 0)
    mib = round(snapshot.stat().st_size / 2**20)
    return {"plays": plays, "days": days, "listeners": listeners, "snapshot_mib": mib}
