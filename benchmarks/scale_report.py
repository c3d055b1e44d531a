"""The scale benchmark's part of the reports: a column for each size, and what is asked of it."""

from __future__ import annotations

from typing import Any

from benchmarks.machine import place

Figures = dict[str, Any]
# Figure → (what it is called, what is asked of 100 million plays).
_BARS = {
    "full_build_seconds": ("full build with all tests, s", "1,200"),
    "full_build_cpu_seconds": ("full build, CPU-s", ""),
    "peak_rss_gib": ("its peak memory, GiB", "16"),
    "hourly_seconds": ("an hour more, s", "20, and 1.3 of 10M"),
    "hourly_cpu_seconds": ("an hour more, CPU-s", ""),
    "backfill_seconds": ("a late day, s", "60"),
    "backfill_cpu_seconds": ("a late day, CPU-s", ""),
    "hourly_publish_seconds": ("publish what an hour changed, s", "30"),
    "publish_seconds": ("publish all anew, s", "30"),
}
_FACTS = {
    "plays": "plays",
    "events": "events of all topics",
    "days": "days",
    "listeners": "listeners",
    "hourly_plays": "plays of the hour",
    "backfill_plays": "plays of the late day",
    "lake_objects": "objects in the lake",
    "lake_bytes": "bytes of the lake",
    "lake_bytes_per_event": "bytes an event",
    "warehouse_bytes": "bytes of the warehouse",
    "snapshot_bytes": "bytes of the snapshot",
    "bulk_events_per_cpu_second": "bulk writer, events/CPU-s",
}
_PRUNED = {
    "files": "objects of the plays",
    "files_in_newest_hour": "of them in the newest hour",
    "opened_for_newest_hour": "opened for a look at that hour",
    "opened_for_one_object": "opened for one object",
}


def section(found: dict[str, Figures]) -> list[str]:
    """The lines of benchmarks/README.md; sizes in order."""
    sizes = sorted(found, key=lambda size: found[size]["plays"])
    lines = [f"| | {' | '.join(sizes)} | asked at 100M |", f"|---|{'---|' * (len(sizes) + 1)}"]
    lines += [_row(name, [found[size].get(key) for size in sizes], bar) for key, (name, bar) in _BARS.items()]
    lines += [_row(name, [found[size].get(key) for size in sizes]) for key, name in _FACTS.items()]
    lines += [
        _row(name, [found[size]["bronze_plays"].get(key) for size in sizes]) for key, name in _PRUNED.items()
    ]
    lines += ["", "Slowest, in seconds (two at a time):", "", f"| | {' | '.join(sizes)} |"]
    lines += [f"|---|{'---|' * len(sizes)}"]
    for key, name in (("full_build", "full build"), ("hour", "hour"), ("backfill", "late day")):
        cells = [_slowest(found[size][f"slowest_in_{key}"]) for size in sizes]
        lines += [f"| {name} | {' | '.join(cells)} |"]
    return [*lines, "", *(_where(size, found[size]) for size in sizes)]


def _row(name: str, values: list[Any], bar: str = "") -> str:
    cells = ["" if value is None else f"{value:,}" for value in values]
    return f"| {name} | {' | '.join(cells)} | {bar} |"


def _slowest(times: dict[str, float]) -> str:
    return ", ".join(f"{name} {seconds}" for name, seconds in list(times.items())[:5])


def _where(size: str, figures: Figures) -> str:
    machine, settings = figures["machine"], figures["settings"]
    chosen = ", ".join(f"{name}={value}" for name, value in settings.items())
    return (
        f"{size}: {figures['measured_at']}, {place(machine)}, load before {machine['load_before']}; {chosen}."
    )
