"""Two sinks of ours in one group against one: how far more processes help."""

from __future__ import annotations

from contextlib import ExitStack

import psutil

from benchmarks.corpus import Size
from benchmarks.engine import Job, backbeat_command
from benchmarks.quota import join, quota
from benchmarks.shelf import Shelf, s3
from benchmarks.stage import Stage, say
from benchmarks.trial import Process, follow


def compare(stage: Stage, size: Size, records: int, start: float) -> dict[str, object]:
    """One sink and then two, each pinned to a core of its own, while the servers may use every core.

    `start` is the wall time that one sink takes to land a single record.
    """
    stage.spread(stage.cores.all)
    try:
        one, two = (land_group(stage, size, records, count) for count in (1, 2))
    finally:
        stage.spread(stage.cores.rest)
    cores = len(stage.cores.all)
    allowed = _least(one, 1, cores) / _least(two, 2, cores)
    return {
        "record_bytes": size.mean,
        "records": records,
        "one": one,
        "two": two,
        "wall_ratio": _ratio(one["wall_seconds"], two["wall_seconds"]),
        "wall_ratio_without_start": _ratio(one["wall_seconds"] - start, two["wall_seconds"] - start),
        "per_cpu_second_ratio": _ratio(one["cpu_seconds"], two["cpu_seconds"]),
        "wall_ratio_the_cores_allow": round(allowed, 2),
        "limited_by": (
            f"{cores} cores for two sinks, the broker and the store, whose {two['cpu_seconds']:.1f} and "
            f"{two['servers_cpu_seconds']:.1f} CPU-seconds take {_least(two, 2, cores):.1f} s at least"
        ),
    }


def land_group(stage: Stage, size: Size, records: int, count: int, share: float = 0) -> dict[str, float]:
    """`count` members of one group land the topic, each with `share` of a core at most (0: a whole one)."""
    job = Job(stage, f"backbeat_{size.mean}_group_of_{count}", size)
    shelf = Shelf(s3(stage.endpoint), job.prefix)
    say(f"  {job.label}")
    servers = _used(stage)
    with ExitStack() as running:
        groups = [running.enter_context(quota(share)) for _ in range(count)] if share else []
        members = [
            running.enter_context(
                Process(backbeat_command(job), [stage.cores.all[number % len(stage.cores.all)]], folder)
            )
            for number, folder in enumerate(job.folder / str(number) for number in range(count))
        ]
        for group, member in zip(groups, members, strict=False):
            join(group, member.pid)
        seen = follow(members, lambda: shelf.count().rows, records)
        used = _used(stage) - servers
        for member in members:
            member.end()
    rows, distinct = shelf.count().rows, shelf.distinct("event_id")
    if not rows == distinct == records:
        raise RuntimeError(f"{job.label}: {rows} rows, {distinct} of {records} records")
    wall, cpu = max(wall for wall, _ in seen), sum(cpu for _, cpu in seen)
    return {
        "wall_seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "servers_cpu_seconds": round(used, 2),
        "records_per_second": round(records / wall),
        "records_per_cpu_second": round(records / cpu),
    }


def _least(used: dict[str, float], sinks: int, cores: int) -> float:
    """The wall seconds that the CPU time of so many sinks and of the servers takes at least."""
    return max(used["cpu_seconds"] / sinks, (used["cpu_seconds"] + used["servers_cpu_seconds"]) / cores)


def _used(stage: Stage) -> float:
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in stage.servers.values())


def _ratio(one: float, two: float) -> float:
    return round(one / two, 2) if two > 0 else 0.0
