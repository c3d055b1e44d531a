"""`make chaos`: sinks die, stall and are lied to at random, and every record still lands exactly once.

Each round has new topics and a new lake, and ends with `backbeat lake audit`. What chance decides hangs on
the seed and the round's number: `--seed S --first N --rounds 1` plays round N again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.chaos.play import Play

_RESULTS = Path("benchmarks/results/chaos.json")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        "python -m tests.chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--seed", type=int, default=1, help="what everything hangs on (default 1)")
    add("--rounds", type=int, default=0, help="end after so many (default 20, or by --minutes)")
    add("--minutes", type=float, default=0.0, help="begin no round after so many minutes")
    add("--first", type=int, default=0, help="the first round's number (to play one again)")
    add("--records", type=int, default=0, help="so many a round; above 200,000: volume, few faults")
    add("--short", action="store_true", help="2 short rounds, for every day")
    add("--tier", choices=["real", "embedded"], default="real", help="which broker and store")
    add("--nodes", type=int, choices=[1, 2], default=0, help="Kafka nodes (default 2; short: 1)")
    add("--late", type=int, default=0, help="keep a round's requests and replay them after so many seconds")
    add("--plant", default="", help="plant a bug (see tests/chaos/plants.py): must turn red")
    add("--folder", type=Path, help="where to play (default: a new one under var/chaos)")
    add("--results", type=Path, default=_RESULTS, help=f"where totals go (default {_RESULTS})")
    add("--no-results", action="store_true", help="add nothing to the totals")
    return parser.parse_args()


def main() -> int:
    """Play; 0 when every promise was kept, 1 when one was broken."""
    chosen = arguments()
    if chosen.folder is None:
        Path("var/chaos").mkdir(parents=True, exist_ok=True)
        chosen.folder = Path(tempfile.mkdtemp(prefix="run-", dir="var/chaos"))
    chosen.folder = chosen.folder.resolve()
    return Play(chosen).run()


if __name__ == "__main__":
    sys.exit(main())
