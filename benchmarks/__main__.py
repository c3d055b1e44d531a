"""`make bench`: measure everything, print it, and write benchmarks/results/<name>.json and the tables."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import build, pages, publish, simulator, sink
from benchmarks.machine import describe
from benchmarks.report import write_tables

RESULTS = Path(__file__).parent / "results"
NAMES = ("simulator", "publish", "sink", "build", "pages")


def store(name: str, measure: Callable[[], dict[str, object]]) -> None:
    """Measure one thing and write it down with the machine it was measured on."""
    print(f"measuring {name} …", flush=True)
    machine = describe()
    result = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), **measure(), "machine": machine}
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "machine"}, indent=2), flush=True)


def main() -> None:
    """Measure what was asked for (default: everything)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help="what to measure; default: everything")
    names = parser.parse_args().names or NAMES
    for name, module in (("simulator", simulator), ("publish", publish), ("sink", sink)):
        if name in names:
            store(name, module.measure)
    if {"build", "pages"} & set(names):
        with build.lake() as environment:
            store("build", lambda: build.measure(environment))
            if "pages" in names:
                store("pages", lambda: pages.measure(environment))
    write_tables()


if __name__ == "__main__":
    main()
