"""`make bench`: measure everything but the sink, print it, and write benchmarks/results/ and the tables.

The sink has a command of its own, because its peers take minutes: `make bench-sink`. `realism` and
`recommendations` are measured only when asked for, because they need the samples in BACKBEAT_DATA.
"""

from __future__ import annotations

import argparse

from benchmarks import build, bulk, importers, pages, publish, realism, recommendations, reports, simulator
from benchmarks.record import record
from benchmarks.report import write_tables

NAMES = ("simulator", "bulk", "publish", "importers", "reports", "build", "pages")
_MODULES = (
    ("simulator", simulator),
    ("bulk", bulk),
    ("publish", publish),
    ("importers", importers),
    ("reports", reports),
    ("realism", realism),
    ("recommendations", recommendations),
)
_ASKED_FOR = ("realism", "recommendations")
_WHAT = f"what to measure; default: everything but {' and '.join(_ASKED_FOR)}"


def main() -> None:
    """Measure what was asked for (default: everything)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, *_ASKED_FOR, []], help=_WHAT)
    names = parser.parse_args().names or NAMES
    for name, module in _MODULES:
        if name in names:
            record(name, module.measure)
    if {"build", "pages"} & set(names):
        with build.lake() as environment:
            record("build", lambda: build.measure(environment))
            if "pages" in names:
                record("pages", lambda: pages.measure(environment))
    write_tables()


if __name__ == "__main__":
    main()
