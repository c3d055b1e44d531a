"""The sink's part of the reports: ours and its peers, size by size, and what a peer does better."""

from __future__ import annotations

from typing import Any

OURS = "backbeat"
Figures = dict[str, Any]
# Figure → (what it is called, whether more is better).
_COLUMNS = {
    "records_per_cpu_second": ("records/CPU-s", True),
    "records_per_cpu_second_without_start": ("without start", True),
    "records_per_second": ("records/s", True),
    "payload_mb_per_cpu_second": ("MB/CPU-s", True),
    "start_cpu_seconds": ("start, CPU-s", False),
    "start_wall_seconds": ("start, s", False),
    "peak_rss_mib": ("peak memory, MiB", False),
    "bytes_in_store": ("bytes in store", False),
    "objects": ("objects", False),
    "lost": ("lost", False),
    "doubled": ("doubled", False),
}
_STAGES = ("consume", "decode", "hash", "encode", "put", "start", "rest")


def rows(result: Figures) -> list[tuple[str, str, str]]:
    """What the project's README shows: a row per size of record."""
    found = []
    for size in sorted(result["ours"], key=int):
        ours = result["ours"][size]["records_per_cpu_second"]
        beside = [
            f"{name} {figures['records_per_cpu_second']:,}"
            for name, figures in _entrants(result, size).items()
            if name != OURS and "not_run" not in figures
        ]
        found.append(
            (f"sink, records of {size} B per CPU-second to Parquet on S3", f"{ours:,}", ", ".join(beside))
        )
    return found


def section(result: Figures) -> list[str]:
    """The lines of benchmarks/README.md."""
    lines = [f"Measured at {result['measured_at']}. {result['method']}", ""]
    for size in sorted(result["ours"], key=int):
        lines += [f"{result['records'][size]:,} records of {size} bytes on average:", ""]
        lines += [*_side_by_side(_entrants(result, size)), ""]
        lines += [f"What a peer does better: {_better(_entrants(result, size))}.", ""]
    lines += ["Parts of our CPU time (each stage measured alone; rest: what they leave of the run's):", ""]
    lines += [*_shares(result["ours"]), ""]
    lines += [*_two(result["two_processes"]), "", *_configurations(result)]
    return lines


def _entrants(result: Figures, size: str) -> dict[str, Figures]:
    """Ours first; a peer that could not be had at all says so for every size."""
    peers = {
        name: {"not_run": found["not_run"]}
        if "not_run" in found
        else found.get(size, {"not_run": "not measured"})
        for name, found in result["peers"].items()
    }
    return {OURS: result["ours"][size], **peers}


def _side_by_side(entrants: dict[str, Figures]) -> list[str]:
    lines = ["| engine | " + " | ".join(title for title, _ in _COLUMNS.values()) + " |"]
    lines += ["|---" * (1 + len(_COLUMNS)) + "|"]
    for name, figures in entrants.items():
        if "not_run" in figures:
            lines.append(f"| {name} | not run: {figures['not_run']} |" + " |" * (len(_COLUMNS) - 1))
        else:
            lines.append(f"| {name} | " + " | ".join(f"{figures[key]:,}" for key in _COLUMNS) + " |")
    return lines


def _better(entrants: dict[str, Figures]) -> str:
    ours, found = entrants[OURS], []
    for name, figures in entrants.items():
        if name == OURS or "not_run" in figures:
            continue
        wins = [
            f"{title} {figures[key]:,} ({ours[key]:,})"
            for key, (title, more) in _COLUMNS.items()
            if figures[key] != ours[key] and (figures[key] > ours[key]) == more
        ]
        if wins:
            found.append(f"**{name}** {', '.join(wins)}")
    return "; ".join(found) or "nothing that was measured"


def _shares(ours: dict[str, Figures]) -> list[str]:
    lines = ["| bytes | " + " | ".join(_STAGES) + " |", "|---" * (1 + len(_STAGES)) + "|"]
    for size in sorted(ours, key=int):
        shares = ours[size]["shares"]
        lines.append(f"| {size} | " + " | ".join(f"{100 * shares[stage]:.0f} %" for stage in _STAGES) + " |")
    return lines


def _two(two: Figures) -> list[str]:
    members = ("one", "two")
    keys = (
        "wall_seconds",
        "cpu_seconds",
        "servers_cpu_seconds",
        "records_per_second",
        "records_per_cpu_second",
    )
    lines = [f"Sinks in one group, {two['records']:,} records of {two['record_bytes']} bytes:", ""]
    lines += ["| sinks | " + " | ".join(key.replace("_", " ") for key in keys) + " |", "|---" * 6 + "|"]
    lines += [f"| {name} | " + " | ".join(f"{two[name][key]:,}" for key in keys) + " |" for name in members]
    clock = (
        f"{two['wall_ratio']} times as fast by the clock ({two['wall_ratio_without_start']} without start)"
    )
    return [
        *lines,
        "",
        f"Two against one: {clock}; {two['per_cpu_second_ratio']} times the records per CPU-second.",
        f"These cores allow {two['wall_ratio_the_cores_allow']} by the clock: {two['limited_by']}.",
    ]


def _configurations(result: Figures) -> list[str]:
    topic = result["topic"]
    lines = [
        f"The topic has {topic['partitions']} partitions and {topic['compression']} batches. The engines:",
        "",
        "| engine | version | configuration |",
        "|---|---|---|",
    ]
    for name, engine in result["engines"].items():
        told = "; ".join(f"{key}: {value}" for key, value in engine.items() if key != "version")
        lines.append(f"| {name} | {engine['version']} | {told} |")
    return lines
