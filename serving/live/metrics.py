"""Every number the live path exports, in a registry of its own."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from contracts.metrics import service_registry
from serving.live.happening import FOLLOWED

REGISTRY = service_registry()


def _counter(name: str, about: str, *labels: str) -> Counter:
    return Counter(f"backbeat_live_{name}_total", about, labels, registry=REGISTRY)


def _gauge(name: str, about: str, *labels: str) -> Gauge:
    return Gauge(f"backbeat_live_{name}", about, labels, registry=REGISTRY)


EVENTS = _counter("events", "Records read, by topic.", "topic")
BAD = _counter("bad_records", "Records that are no event of their topic.", "topic", "code")
LEFT_OUT = _gauge("events_left_out", "Events that no window took, by why, since it started.", "why")
KAFKA_ERRORS = _counter("kafka_errors", "What Kafka's client met.")
LAG = _gauge("lag_events", "Records in Kafka that it has not read yet, by topic.", "topic")
LAG_SECONDS = _gauge("lag_seconds", "How old the newest record it has read is, while there are newer ones.")
REBUILDING = _gauge("rebuilding", "1 while it reads the history again that it had before its start.")
READERS = _gauge("readers", "WebSocket readers.")
DROPPED = _counter("readers_dropped", "Readers that were too slow.")
REFUSED = _counter("readers_refused", "Readers that were one too many.")
FRAMES = _counter("frames", "Frames handed to readers.")
LISTENING = _gauge("listening", "Listeners that play something now.")
PLAYS = _gauge("plays_kept", "Plays in memory.")
TRACKS = _gauge("tracks_kept", "Tracks in memory.")
TICK_SECONDS = Histogram(
    "backbeat_live_tick_seconds",
    "How long it takes to see what has changed and hand it to the readers.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1),
    registry=REGISTRY,
)
RISING_SECONDS = Histogram(
    "backbeat_live_rising_seconds",
    "How long it takes to find what rises.",
    ("minutes",),
    buckets=(0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10),
    registry=REGISTRY,
)
for _topic in FOLLOWED:
    EVENTS.labels(_topic)
    LAG.labels(_topic)
