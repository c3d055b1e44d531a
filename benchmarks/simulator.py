"""Simulator: events a second, generated and encoded; beside it, rendering alone of as many ready events."""

from __future__ import annotations

import orjson

from benchmarks.clock import Clock
from benchmarks.sample import configuration
from producer.simulator.simulate import simulate

EVENTS = 1_000_000


def measure() -> dict[str, object]:
    """Events per second and per CPU-second, bytes an event, and the ratio to orjson rendering alone."""
    count = size = 0
    sample: list[bytes] = []
    with Clock() as clock:
        for batch in simulate(configuration(EVENTS)):
            count += len(batch.values)
            size += sum(map(len, batch.values))
            if len(sample) < 50_000:
                sample += batch.values
    ready = [orjson.loads(value) for value in sample if value.endswith(b"}")]
    with Clock() as baseline:
        for event in ready:
            orjson.dumps(event)
    rates, bare = clock.rates(count), baseline.rates(len(ready))
    return {
        "events": count,
        "bytes_per_event": round(size / count),
        **rates,
        "orjson_alone_per_cpu_second": bare["per_cpu_second"],
        "ratio_to_orjson_alone": round(rates["per_cpu_second"] / bare["per_cpu_second"], 3),
    }
