"""Writes down what was measured, with the machine it was measured on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import describe

RESULTS = Path(__file__).parent / "results"


def record(name: str, measure: Callable[[], dict[str, object]], folder: Path = RESULTS) -> None:
    """Measure one thing and write it to `folder`/`name`.json."""
    print(f"measuring {name} …", flush=True)
    machine = describe()
    result = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), **measure(), "machine": machine}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "machine"}, indent=2), flush=True)
