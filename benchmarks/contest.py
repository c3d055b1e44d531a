"""Ours and its peers one after the other: the same broker, topic and store, one core each."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.corpus import Size
from benchmarks.engine import Engine, Job
from benchmarks.shelf import Shelf, s3
from benchmarks.stage import Stage, say
from benchmarks.trial import Usage, trial


@dataclass(frozen=True)
class Landed:
    """What one run has used, and what was in the store when it had ended."""

    usage: Usage
    objects: int
    rows: int
    bytes: int
    distinct: int


def land(engine: Engine, stage: Stage, size: Size, records: int, what: str) -> Landed:
    """Have `engine` land the topic, which holds `records` records, on a core of its own."""
    label = f"{engine.name}_{size.mean}_{what}"
    job = Job(stage, label, size)
    shelf = Shelf(s3(stage.endpoint), job.prefix)
    say(f"  {label}")
    command = engine.command(job)
    usage = trial(command, stage.cores.engine, lambda: engine.visible(shelf, job), records, job.folder)
    count = shelf.count()
    return Landed(usage, count.objects, count.rows, count.bytes, shelf.distinct("event_id"))


def figures(run: Landed, start: Landed, records: int, size: Size) -> dict[str, object]:
    """The figures of one engine and size: gross ones, start included, unless their name says otherwise.

    A rate counts the records that are in the store at least once. Those that are not, and rows that are
    there again, are told beside it.
    """
    usage, landed = run.usage, run.distinct
    steady = usage.cpu - start.usage.cpu
    return {
        "records_per_cpu_second": _rate(landed, usage.cpu),
        "records_per_second": _rate(landed, usage.wall),
        "bytes_in_store": run.bytes,
        "rows_in_store": run.rows,
        "objects": run.objects,
        "lost": records - run.distinct,
        "doubled": run.rows - run.distinct,
        "complete": run.rows == run.distinct == records,
        "payload_mb_per_cpu_second": round(landed * size.mean / 1e6 / usage.cpu, 1) if usage.cpu else 0.0,
        "payload_mb_per_second": round(landed * size.mean / 1e6 / usage.wall, 1) if usage.wall else 0.0,
        "cpu_seconds": round(usage.cpu, 2),
        "wall_seconds": round(usage.wall, 2),
        "cpu_seconds_to_exit": round(usage.cpu_to_exit, 2),
        "start_cpu_seconds": round(start.usage.cpu, 2),
        "start_wall_seconds": round(start.usage.wall, 2),
        "records_per_cpu_second_without_start": _rate(landed, steady),
        "peak_rss_mib": round(usage.peak_rss_mib),
    }


def _rate(count: int, seconds: float) -> int:
    return round(count / seconds) if seconds > 0 else 0
