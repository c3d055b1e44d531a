"""Every number the sink exports. Counted once a flush, a request or a second, never once a message.

Of this process: one process is one sink. Names and units as Prometheus has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from consumer.watch.health import HEALTH
from contracts.events import SCHEMA_VERSION

if TYPE_CHECKING:
    from consumer.fence import Fence
    from consumer.tally import Tally

# Else each counter has a second series that says when it began.
disable_created_metrics()  # type: ignore[no-untyped-call]

ROWS = Counter(
    "backbeat_sink_rows_total", "Rows landed: accepted or malformed by the contract.", ["topic", "verdict"]
)
PAYLOAD_BYTES = Counter("backbeat_sink_payload_bytes_total", "Payload of the rows landed.", ["topic"])
OBJECTS = Counter("backbeat_sink_objects_total", "Data objects put into the lake.", ["topic"])
OBJECT_BYTES = Counter("backbeat_sink_object_bytes_total", "Bytes of these objects.", ["topic"])
OBJECT_SIZE = Histogram(
    "backbeat_sink_object_size_bytes",
    "Size of each object.",
    buckets=[4 * 4**step * 1024 for step in range(9)],  # 4 KiB to 256 MiB
)
FLUSH_SECONDS = Histogram(
    "backbeat_sink_flush_seconds",
    "One partition's flush (total) and its stages; decode: a slice of it before, commit: one for all.",
    ["stage"],
    buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
)
FENCES = Counter(
    "backbeat_sink_fences_total",
    "Fences won, lost to another owner, and finished for an owner that died.",
    ["outcome"],
)
GAPS = Counter(
    "backbeat_sink_gaps_total", "Runs of offsets that Kafka did not have, noted in fences.", ["topic"]
)
GAP_OFFSETS = Counter("backbeat_sink_gap_offsets_total", "Offsets in these runs.", ["topic"])
REQUESTS = Counter(
    "backbeat_sink_s3_requests_total", "Requests to S3 by answer; lost: no answer came.", ["outcome"]
)
RETRIES = Counter("backbeat_sink_s3_retries_total", "Calls to S3 that were made again.")
REBALANCES = Counter(
    "backbeat_sink_rebalances_total", "Times the group assigned, revoked or took partitions.", ["change"]
)
COMMITS = Counter(
    "backbeat_sink_commits_total", "Commits that Kafka took, or refused amid a rebalance.", ["outcome"]
)
ERRORS = Counter(
    "backbeat_sink_errors_total",
    "What Kafka's client met, requests to S3 that failed, what ended the sink.",
    ["kind"],
)
LAG = Gauge("backbeat_sink_lag_rows", "Rows Kafka has and the lake has not.", ["topic", "partition"])
OWNED = Gauge("backbeat_sink_partitions_owned", "Partitions this process owns.", ["topic"])
BUFFERED_ROWS = Gauge("backbeat_sink_buffered_rows", "Rows received and not landed.")
BUFFERED_BYTES = Gauge("backbeat_sink_buffered_bytes", "What these count for BACKBEAT_SINK_BUFFER_BYTES.")
TURNED = Gauge("backbeat_sink_loop_turned_timestamp_seconds", "When the main loop last came round.")
LANDED = Gauge("backbeat_sink_landed_timestamp_seconds", "When rows last landed.", ["topic"])
HEALTHY = Gauge("backbeat_sink_healthy", "1 while /healthz answers 200.")
BUILD = Gauge("backbeat_sink_build_info", "1, for the version that runs.", ["version", "schema_version"])

STAGES = ("decode", "total", "fence", "encode", "put", "commit")
OUTCOMES = ("won", "lost", "finished")
ANSWERS = ("ok", "404", "409", "412", "4xx", "5xx", "lost")
CHANGES = ("assigned", "revoked", "lost")
ERROR_KINDS = ("kafka", "lake", "fatal")
stage = FLUSH_SECONDS.labels

HEALTHY.set_function(lambda: float(not HEALTH.reasons()))


def prepare(topics: Iterable[str]) -> None:
    """Let every series of a sink of `topics` begin at 0: a rate needs the value before the first event."""
    for metric, values in (
        (FENCES, OUTCOMES),
        (FLUSH_SECONDS, STAGES),
        (REQUESTS, ANSWERS),
        (REBALANCES, CHANGES),
        (COMMITS, ("taken", "refused")),
        (ERRORS, ERROR_KINDS),
    ):
        for value in values:
            metric.labels(value)
    for topic in topics:
        for metric in (PAYLOAD_BYTES, OBJECTS, OBJECT_BYTES, GAPS, GAP_OFFSETS):
            metric.labels(topic)
        OWNED.labels(topic).set(0)
        for verdict in ("accepted", "malformed"):
            ROWS.labels(topic, verdict)
    BUILD.labels(version("backbeat"), str(SCHEMA_VERSION)).set(1)


def landed(topic: str, fence: Fence, payload_bytes: int, tally: Tally) -> None:
    """Count one data object that this process put into the lake."""
    ROWS.labels(topic, "accepted").inc(tally.rows - tally.malformed)
    ROWS.labels(topic, "malformed").inc(tally.malformed)
    PAYLOAD_BYTES.labels(topic).inc(payload_bytes)
    OBJECTS.labels(topic).inc(tally.objects)
    OBJECT_BYTES.labels(topic).inc(tally.bytes)
    OBJECT_SIZE.observe(tally.bytes)
    GAPS.labels(topic).inc(len(fence.gaps))
    GAP_OFFSETS.labels(topic).inc(sum(last - first + 1 for first, last in fence.gaps))
    LANDED.labels(topic).set_to_current_time()
    HEALTH.landed()
