"""`python -m benchmarks.collector`: the collector on one core, loaded by vegeta from the others.

--seconds 3    a shorter try: the result goes to var/bench/, no document changes
"""

from __future__ import annotations

import argparse
import os

from confluent_kafka import Producer

from benchmarks.clock import Clock
from benchmarks.collector_stage import BATCH, accepted, collector, create_topics, landed
from benchmarks.record import RESULTS, record
from benchmarks.report import write_tables
from benchmarks.stage import ROOT, say, staged
from benchmarks.vegeta import sample_events, tool

BAR = 20_000  # events a second
SECONDS = 15
TRIED = ROOT / "var" / "bench"
_METHOD = (
    "The collector on one core of its own; broker, load and whoever measures on the others. Batches of "
    f"{BATCH} plays, each request answered when Kafka has acknowledged all of it. CPU: user and system "
    "seconds of the collector's process while it was loaded. Beside it, on the same core, a bare producer of "
    "the same events with the same acknowledgements, and at half load requests that do nothing (/healthz). "
    "Accepted: by the answers; landed: by Kafka's offsets."
)


def _bare(bootstrap: str, values: list[bytes], rounds: int) -> float:
    """Events per CPU-second of a producer that does nothing else."""
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 5,
            "log_level": 0,
        }
    )
    with Clock() as clock:
        for _ in range(rounds):
            for value in values:
                producer.produce("likes", value, value[:16], on_delivery=_acknowledged)
            producer.flush()
    return clock.rates(rounds * len(values))["per_cpu_second"]


def _acknowledged(error: object, _: object) -> None:
    if error is not None:
        raise RuntimeError(str(error))


def measure(seconds: float) -> dict[str, object]:
    """In the shape of benchmarks/results/collector.json."""
    events = sample_events(100 * BATCH)
    tool()
    with staged(TRIED / "collector") as stage:
        create_topics(stage.bootstrap)
        with collector(stage, events) as loaded:
            loaded.attack(50, 2)
            say("  as fast as it answers")
            most = loaded.attack(None, seconds)
            say(f"  at {BAR:,} events a second, and at half of it")
            full = loaded.attack(BAR // BATCH, seconds)
            half = loaded.rounds(BAR // BATCH // 2, seconds)
            taken = accepted(loaded.target.url.removesuffix("/v1/events"))
            there = landed(stage.bootstrap)
        os.sched_setaffinity(0, stage.cores.engine)
        bare = _bare(stage.bootstrap, events, 10)
        os.sched_setaffinity(0, stage.cores.all)
    own = int(str(most["events_per_cpu_second"]))
    return {
        "batch": BATCH,
        "bytes_per_event": round(sum(map(len, events)) / len(events)),
        "as_fast_as_it_answers": most,
        "at_20000_events_a_second": full,
        "at_10000_events_a_second": half,
        "bare_producer_per_cpu_second": round(bare),
        "ratio_to_bare_producer": round(own / bare, 3),
        "accepted": taken,
        "landed": there,
        "method": _METHOD,
    }


def main() -> None:
    """Measure; only a run of full length becomes the project's figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"of each load; default: {SECONDS}")
    seconds = parser.parse_args().seconds
    whole = seconds >= SECONDS
    record("collector", lambda: measure(seconds), RESULTS if whole else TRIED)
    if whole:
        write_tables()


if __name__ == "__main__":
    main()
