"""`make bench-scale-out`: what a second sink in the group brings when there is a core's time to spare for it.

On a machine with few cores two sinks take the broker's. So each sink here gets a part of a core and no more,
by a control group, which leaves the servers theirs: Linux, as root.
"""

from __future__ import annotations

import argparse
import os

from benchmarks.corpus import SIZES, chunks
from benchmarks.pair import land_group
from benchmarks.record import RESULTS, record
from benchmarks.stage import ROOT, say, staged
from benchmarks.topic import fill, renew

# Long enough for a start and the second member's arrival to weigh little.
RECORDS, SHARE = 12_000_000, 0.5


def measure(records: int, share: float) -> dict[str, object]:
    """One sink and then two land the same topic, each with `share` of a core."""
    size = SIZES[430]
    with staged(ROOT / "var" / "bench" / "scale-out") as stage:
        os.sched_setaffinity(0, stage.cores.rest)
        stage.spread(stage.cores.all)
        renew(stage.bootstrap)
        fill(stage.bootstrap, chunks(size, records))
        say(f"  {share} of a core for each sink")
        one, two = (land_group(stage, size, records, count, share) for count in (1, 2))
    return {
        "record_bytes": size.mean,
        "records": records,
        "share_of_a_core_each": share,
        "one": one,
        "two": two,
        "two_to_one": round(one["wall_seconds"] / two["wall_seconds"], 2),
    }


def main() -> None:
    """Measure, and write benchmarks/results/scale_out.json when all records were landed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS, help=f"default: {RECORDS:,}")
    parser.add_argument(
        "--share", type=float, default=SHARE, help=f"of a core, for each sink; default: {SHARE}"
    )
    options = parser.parse_args()
    whole = options.records >= RECORDS
    folder = RESULTS if whole else ROOT / "var" / "bench"
    record("scale_out", lambda: measure(options.records, options.share), folder)


if __name__ == "__main__":
    main()
