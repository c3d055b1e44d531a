"""`make bench-sink`: our sink and its peers side by side on one broker, one topic and one store.

`--scale 0.05` or fewer `--engines` are for trying it out: the result goes to var/bench/, no document changes.
"""

from __future__ import annotations

import argparse
import os
import tomllib

from benchmarks.contest import Landed, figures, land
from benchmarks.corpus import SEED, SIZES, Chunk, Size, chunks
from benchmarks.engine import Engine, Job, backbeat
from benchmarks.pair import compare
from benchmarks.peers.fetched import PEERS, fetch
from benchmarks.record import RESULTS, record
from benchmarks.report import write_tables
from benchmarks.shares import measure as stage_costs
from benchmarks.stage import ROOT, Stage, say, staged
from benchmarks.topic import COMPRESSION, PARTITIONS, fill, renew

# Long enough that what an engine takes to start is a small part.
RECORDS = {430: 2_000_000, 1200: 1_000_000}
# With fewer records than this part of them a result is mostly about starting, and no figure of the project.
_ENOUGH = 0.25
OURS = "backbeat"
TRIED = ROOT / "var" / "bench"
_METHOD = (
    "Every engine alone, on one core; servers and whoever measures on the others. CPU: user and system "
    "seconds of the process and its children, from its start until the last row was seen in the store (a "
    "look every quarter of a second). Rates are gross, start included, unless they say otherwise. Rows are "
    "counted in the Parquet footers, lost and doubled ones by distinct event_id."
)


def _ours() -> Engine:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return backbeat(str(project["version"]))


def _entrants(names: list[str]) -> tuple[list[Engine], dict[str, str]]:
    """The engines to measure, and why the others cannot be had."""
    engines, missing = [_ours()] if OURS in names else [], dict[str, str]()
    for name in PEERS:
        if name in names:
            try:
                engines.append(fetch(name))
            except RuntimeError as error:
                missing[name] = str(error)
                say(f"  {name}: {error}")
    return engines, missing


class Contest:
    """All engines on one stage, one size of records after the other."""

    def __init__(self, stage: Stage, engines: list[Engine], scale: float) -> None:
        self._stage, self._engines, self._scale = stage, engines, scale
        self.found: dict[str, dict[str, object]] = {engine.name: {} for engine in engines}
        self.two: dict[str, object] = {}

    def records(self, size: Size) -> int:
        return 2 * round(self._scale * RECORDS[size.mean] / 2)

    def run(self, size: Size) -> None:
        """Every engine lands one record, and then all records of this size."""
        starts = self._starts(size)
        renew(self._stage.bootstrap)
        fill(self._stage.bootstrap, chunks(size, self.records(size)))
        for engine in self._engines:
            self.found[engine.name][str(size.mean)] = self._figures(engine, size, starts[engine.name])
        if OURS in starts and size.mean == min(SIZES):
            start = starts[OURS].usage.wall
            self.two = compare(self._stage, size, self.records(size), start)

    def _starts(self, size: Size) -> dict[str, Landed]:
        renew(self._stage.bootstrap)
        first = next(chunks(size, 2))
        fill(self._stage.bootstrap, [Chunk(first.keys[:1], first.values[:1])])
        return {engine.name: land(engine, self._stage, size, 1, "start") for engine in self._engines}

    def _figures(self, engine: Engine, size: Size, start: Landed) -> dict[str, object]:
        records = self.records(size)
        run = land(engine, self._stage, size, records, "run")
        if not run.distinct:
            return {"not_run": f"landed nothing: {run.usage.last_line}"}
        found = figures(run, start, records, size)
        say(f"    {found['records_per_cpu_second']:>10,} records per CPU-second")
        if engine.name == OURS:
            if not found["complete"]:
                raise RuntimeError(f"our sink landed {run.rows} rows, {run.distinct} of {records} records")
            found["shares"] = self._shares(size, run.usage.cpu, start.usage.cpu)
        return found

    def _shares(self, size: Size, cpu: float, start: float) -> dict[str, float]:
        """Each stage's part of the run's CPU seconds: its cost alone, times the records."""
        records = self.records(size)
        costs = stage_costs(Job(self._stage, f"{OURS}_{size.mean}_shares", size), records)
        parts = {name: cost * records / 1e6 for name, cost in costs.items()} | {"start": start}
        parts["rest"] = cpu - sum(parts.values())
        return {name: round(seconds / cpu, 3) for name, seconds in parts.items()}


def measure(names: list[str], scale: float) -> dict[str, object]:
    """The whole contest, in the shape of benchmarks/results/sink.json."""
    engines, missing = _entrants(names)
    with staged(TRIED / "stage") as stage:
        if len(stage.cores.all) > 1:
            os.sched_setaffinity(0, stage.cores.rest)
        contest = Contest(stage, engines, scale)
        for size in SIZES.values():
            say(f"{size.mean} bytes, {contest.records(size):,} records")
            contest.run(size)
    absent = {name: {"not_run": reason} for name, reason in missing.items()}
    return {
        "ours": contest.found.get(OURS, {}),
        "peers": {name: found for name, found in contest.found.items() if name != OURS} | absent,
        "two_processes": contest.two,
        "method": _METHOD,
        "engines": {engine.name: {"version": engine.version, **engine.configuration} for engine in engines},
        "topic": {"partitions": PARTITIONS, "compression": COMPRESSION, "seed": SEED},
        "records": {str(size.mean): contest.records(size) for size in SIZES.values()},
    }


def main() -> None:
    """Measure; only a contest of all engines over enough records becomes the project's figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="part of the records to land; default: 1")
    parser.add_argument("--engines", default=",".join([OURS, *PEERS]), help="which; default: all")
    options = parser.parse_args()
    names = options.engines.split(",")
    if unknown := sorted(set(names) - {OURS, *PEERS}):
        parser.error(f"--engines {', '.join(unknown)}: there are {', '.join([OURS, *PEERS])}")
    whole = options.scale >= _ENOUGH and set(names) == {OURS, *PEERS}
    record("sink", lambda: measure(names, options.scale), RESULTS if whole else TRIED)
    if whole:
        write_tables()


if __name__ == "__main__":
    main()
