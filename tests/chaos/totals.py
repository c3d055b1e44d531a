"""The record of all runs: benchmarks/results/chaos.json, which each run adds to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SUMS = ("rounds", "records", "stops", "gaps", "lost", "duplicated", "mismatched", "seconds")
COUNTS = ("kills", "faults", "fences", "replayed", "stepped_down")


def empty() -> dict[str, Any]:
    """Nothing has happened yet."""
    return {**dict.fromkeys(SUMS, 0), **{name: {} for name in COUNTS}}


def added(total: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The sum of two."""
    sums = {name: total[name] + more.get(name, 0) for name in SUMS}
    counts = {
        name: dict(sorted((Counter(total[name]) + Counter(more.get(name, {}))).items())) for name in COUNTS
    }
    return {**total, **sums, **counts}


def summed(runs: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """All runs together, with the number of kills on top."""
    total = empty()
    for run in runs:
        total = added(total, run)
    return {"kills_in_all": sum(total["kills"].values()), **total, "seconds": round(total["seconds"], 1)}


def append(path: Path, run: dict[str, Any]) -> dict[str, Any]:
    """Add `run` to the file at `path`; the totals."""
    found = json.loads(path.read_text())["runs"] if path.exists() else []
    runs = [*found, run]
    totals = summed(runs)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    fresh.write_text(json.dumps({"totals": totals, "runs": runs}, indent=2) + "\n")
    fresh.replace(path)
    return totals
