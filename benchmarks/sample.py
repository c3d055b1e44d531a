"""Events to measure with: simulated plays, as they go over the wire."""

from __future__ import annotations

from datetime import UTC, datetime

from producer.simulator.config import SimulationConfig
from producer.simulator.simulate import simulate

END = datetime(2026, 11, 1, tzinfo=UTC)


def configuration(events: int, days: int = 30) -> SimulationConfig:
    """A simulation of about `events` events, always the same one."""
    return SimulationConfig(seed=7, events=events, days=days, end=END)


def plays(count: int) -> tuple[list[bytes], list[bytes]]:
    """Keys and values of `count` play events."""
    keys: list[bytes] = []
    values: list[bytes] = []
    for batch in simulate(configuration(6 * count)):
        if batch.topic == "plays":
            keys += batch.keys
            values += batch.values
        if len(values) >= count:
            break
    return keys[:count], values[:count]
