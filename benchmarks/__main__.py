"""`make bench`: measure everything but the sink, print it, and write benchmarks/results/ and the tables.

Sink and app have commands of their own, `make bench-sink` and `make bench-app`: one's peers take minutes, the
other takes a browser. `realism` and `recommendations` are measured only when asked for, because they need the
samples in BACKBEAT_DATA; `postgres` because its ten million rows take minutes.
"""

from __future__ import annotations

import argparse

from benchmarks import build, bulk, importers, postgres, publish, realism, recommendations, reports, simulator
from benchmarks.record import record
from benchmarks.report import write_tables

NAMES = ("simulator", "bulk", "publish", "importers", "reports", "build")
_MODULES = (
    ("simulator", simulator),
    ("bulk", bulk),
    ("publish", publish),
    ("importers", importers),
    ("reports", reports),
    ("realism", realism),
    ("recommendations", recommendations),
    ("postgres", postgres),
)
_ASKED_FOR = ("realism", "recommendations", "postgres")
_WHAT = f"what to measure; default: everything but {', '.join(_ASKED_FOR)}"


def main() -> None:
    """Measure what was asked for (default: everything)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, *_ASKED_FOR, []], help=_WHAT)
    names = parser.parse_args().names or NAMES
    for name, module in _MODULES:
        if name in names:
            record(name, module.measure)
    if "build" in names:
        with build.lake() as environment:
            record("build", lambda: build.measure(environment))
    write_tables()


if __name__ == "__main__":
    main()
