"""Every number the read API exports, in a registry of its own."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from contracts.metrics import service_registry

REGISTRY = service_registry()
ANSWERS = Counter(
    "backbeat_serve_answers_total",
    "Answers, by what they are: queried, remembered, not_modified, refused.",
    ["route", "how"],
    registry=REGISTRY,
)
SECONDS = Histogram(
    "backbeat_serve_seconds",
    "From a request's headers to its answer.",
    ["route"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5),
    registry=REGISTRY,
)
QUERIES = Counter("backbeat_serve_queries_total", "Questions put to DuckDB.", registry=REGISTRY)
WAITING = Gauge("backbeat_serve_waiting", "Requests that wait for their query's turn.", registry=REGISTRY)
SWITCHES = Counter("backbeat_serve_snapshots_total", "Snapshots it has opened.", registry=REGISTRY)
