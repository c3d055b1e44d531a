"""`python -m benchmarks.live`: the live path on one core, its events and readers on the others.

--seconds 8    a shorter try: the result goes to var/bench/, no document changes
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from typing import Any

import numpy as np
from confluent_kafka import Consumer, TopicPartition

from benchmarks.collector_stage import PARTITIONS, create_topics
from benchmarks.live_stage import RATE, READERS, Live, live, load, readers
from benchmarks.record import RESULTS, record
from benchmarks.report import write_tables
from benchmarks.stage import ROOT, Stage, say, staged
from serving.live.happening import FOLLOWED

_EMPTY = "import time, serving.live.command; print(time.process_time())"
SECONDS = 30.0
_PATIENCE_S = 8  # for what is sent last
TRIED = ROOT / "var" / "bench"
_METHOD = (
    "The live path on one core of its own; Kafka, the events and all readers on the others. Event to screen: "
    "from before an event is handed to Kafka's producer to when a reader has the frame that counts it. "
    "All events: by the counts in the frames of 950 readers, as if they were read in the order they were "
    "sent. Probes: 10 a second, the very event in the feed of its country, 50 readers. CPU: user and system "
    "seconds of its process. Beside it: no reader; its start, when it reads all that again as "
    "fast as it can; and, on the same core, a bare consumer of the same records that looks at none."
)


def alone(stage: Stage, running: Live, seconds: float) -> dict[str, object]:
    """CPU at the rate, without readers."""
    before, began = running.cpu(), time.time()
    sent = json.loads(load(stage, seconds).communicate()[0])["sent"]
    share = round((running.cpu() - before) / (time.time() - began), 3)
    events = int(sent[-1][0])
    while running.counted() < events:
        time.sleep(0.05)
    return {"events": events, "share_of_the_core": share}


def read(stage: Stage, running: Live, seconds: float) -> dict[str, object]:
    """What readers see, and what it costs."""
    counted = running.counted()
    connected = readers(stage, running.url, seconds + _PATIENCE_S)
    before, began = running.cpu(), time.time()
    sent = json.loads(load(stage, seconds).communicate()[0])
    cpu, wall = running.cpu() - before, time.time() - began
    got = json.loads(connected.communicate()[0])
    say(f"  CPU seconds: readers {got['cpu_seconds']:.1f}, events {sent['cpu_seconds']:.1f}")
    events = int(sent["sent"][-1][0])
    return {
        "events": events,
        "events_per_second": round(events / (sent["sent"][-1][1] - sent["sent"][0][1])),
        "readers": got["connected"],
        "readers_lost": got["lost"],
        "frames_per_second": round(got["frames"] / wall),
        "bytes_per_frame": round(got["bytes"] / got["frames"]),
        "share_of_the_core": round(cpu / wall, 3),
        "all_events_ms": _percentiles(_of_all(sent["sent"], got["totals"], counted)),
        "probes_ms": _percentiles(_of_probes(sent["probes"], got["probes"])),
        "resident_mib": round(running.process.memory_info().rss / 2**20),
    }


def _of_all(sent: list[list[float]], totals: list[list[list[float]]], counted: int) -> np.ndarray[Any, Any]:
    """Seconds from each slice of events to each reader's first frame that counts all of it."""
    times = np.array([at for _, at in sent[:-1]])
    ends = np.array([count for count, _ in sent[1:]]) + counted
    found = []
    for reader in totals:
        counts, at = np.array(reader).T
        first = np.searchsorted(counts, ends)
        if first[-1] == len(counts):
            raise RuntimeError(f"a reader has seen {counts[-1]:,.0f} of {ends[-1]:,.0f} events")
        found.append(at[first] - times)
    return np.concatenate(found)


def _of_probes(sent: list[list[float]], got: list[list[list[float]]]) -> np.ndarray[Any, Any]:
    """Seconds from each probe to each reader of its country."""
    times = {int(number): at for number, at in sent}
    return np.array([at - times[int(number)] for reader in got for number, at in reader if number in times])


def _percentiles(seconds: np.ndarray[Any, Any]) -> dict[str, float]:
    names = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    found = {name: round(float(np.percentile(seconds, at)) * 1e3) for name, at in names.items()}
    return {**found, "of": len(seconds)}


def again(stage: Stage) -> dict[str, object]:
    """It starts, and reads all of it again: events a CPU-second, its start not counted."""
    with live(stage) as running:
        events = running.counted()
        cpu = running.cpu()
    empty = subprocess.run(
        [sys.executable, "-c", _EMPTY], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return {"events": events, "events_per_cpu_second": round(events / (cpu - float(empty.stdout)))}


def bare(stage: Stage) -> float:
    """Records per CPU-second of a consumer that looks at none of them."""
    consumer = Consumer({"bootstrap.servers": stage.bootstrap, "group.id": "bare", "log_level": 0})
    places = [TopicPartition(topic, number, 0) for topic in FOLLOWED for number in range(PARTITIONS)]
    left = sum(consumer.get_watermark_offsets(place, timeout=20)[1] for place in places)
    os.sched_setaffinity(0, stage.cores.engine)
    consumer.assign(places)
    done, before = 0, time.process_time()
    while done < left:
        done += len(consumer.consume(1_000, 0.1))
    used = time.process_time() - before
    consumer.close()
    os.sched_setaffinity(0, stage.cores.all)
    return done / used


def measure(seconds: float) -> dict[str, object]:
    """In the shape of benchmarks/results/live.json."""
    with staged(TRIED / "live") as stage:
        create_topics(stage.bootstrap)
        with live(stage) as running:
            say(f"  {RATE:,} events a second, nobody reads")
            quiet = alone(stage, running, seconds / 2)
            say(f"  and {READERS:,} readers")
            seen = read(stage, running, seconds)
        say("  all of it again")
        rebuilt, untouched = again(stage), bare(stage)
    own = int(str(rebuilt["events_per_cpu_second"]))
    return {
        "without_readers": quiet,
        "with_readers": seen,
        "as_it_starts": rebuilt,
        "bare_consumer_per_cpu_second": round(untouched),
        "ratio_to_bare_consumer": round(own / untouched, 3),
        "method": _METHOD,
    }


def main() -> None:
    """Measure; only a run of full length becomes the project's figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help=f"with readers; default: {SECONDS:.0f}"
    )
    seconds = parser.parse_args().seconds
    whole = seconds >= SECONDS
    record("live", lambda: measure(seconds), RESULTS if whole else TRIED)
    if whole:
        write_tables()


if __name__ == "__main__":
    main()
