"""Every number the collector exports: in a registry of its own, counted once a request, not once an event."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram

from contracts.events import TOPICS
from contracts.metrics import service_registry

REGISTRY = service_registry()
_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_NO_TOPIC = "none"

REQUESTS = Counter(
    "backbeat_collector_requests_total", "Requests answered.", ["route", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "backbeat_collector_request_seconds",
    "From a request's headers to its answer.",
    ["route"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
EVENTS = Counter(
    "backbeat_collector_events_total",
    "Events accepted, rejected, or not acknowledged by Kafka.",
    ["topic", "status"],
    registry=REGISTRY,
)
REJECTIONS = Counter(
    "backbeat_collector_rejections_total",
    "What events were rejected for; one event may have several.",
    ["code"],
    registry=REGISTRY,
)
BODY_BYTES = Counter("backbeat_collector_body_bytes_total", "Bodies, once gunzipped.", registry=REGISTRY)
ACK_SECONDS = Histogram(
    "backbeat_collector_ack_seconds",
    "How long Kafka took to answer for all events of a request.",
    buckets=_SECONDS,
    registry=REGISTRY,
)
PENDING = Gauge(
    "backbeat_collector_pending_events", "Events that wait for an acknowledgement.", registry=REGISTRY
)
PENDING_BYTES = Gauge("backbeat_collector_pending_bytes", "Their bytes.", registry=REGISTRY)
UP = Gauge(
    "backbeat_collector_kafka_up", "1 while events are taken, 0 while the answer is 503.", registry=REGISTRY
)
LOST = Counter("backbeat_collector_kafka_lost_total", "Times Kafka went away.", registry=REGISTRY)
KAFKA_ERRORS = Counter("backbeat_collector_kafka_errors_total", "What Kafka's client met.", registry=REGISTRY)

for _topic in (*TOPICS, _NO_TOPIC):
    for _status in ("accepted", "rejected", "unacknowledged"):
        EVENTS.labels(_topic, _status)


def count(events: Mapping[tuple[str | None, str], int], codes: Tally[str]) -> None:
    """Count one request's events by (topic, status), and what they were rejected for."""
    for (topic, status), number in events.items():
        EVENTS.labels(topic or _NO_TOPIC, status).inc(number)
    for code, number in codes.items():
        REJECTIONS.labels(code).inc(number)
