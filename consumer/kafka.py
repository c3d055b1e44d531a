"""Kafka as the sink speaks to it: configuration, reachability, and what its errors mean to a person."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from consumer.settings import SinkSettings
from contracts.errors import BackbeatError
from contracts.kafka import ClientConfig

if TYPE_CHECKING:
    from confluent_kafka.admin._metadata import ClusterMetadata

_ADDRESS = "BACKBEAT_KAFKA_BOOTSTRAP"
# librdkafka names what happens only between it and its caller with an underscore.
END_OF_PARTITION = KafkaError._PARTITION_EOF  # noqa: SLF001
NO_SUCH_OFFSET = KafkaError._AUTO_OFFSET_RESET  # noqa: SLF001
# These two tell where a partition stands, not that something is broken.
PLACES = {END_OF_PARTITION, NO_SUCH_OFFSET}
TRUNCATED = KafkaError._LOG_TRUNCATION  # noqa: SLF001
ALL_DOWN = KafkaError._ALL_BROKERS_DOWN  # noqa: SLF001

# Trying again does not help against these.
HOPELESS = {
    KafkaError._AUTHENTICATION,  # noqa: SLF001
    KafkaError._SSL,  # noqa: SLF001
    KafkaError.SASL_AUTHENTICATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
}
# What a commit meets while the group changes hands. Nothing is lost: the lake knows, Kafka is only told.
_BETWEEN_ASSIGNMENTS = {
    KafkaError.ILLEGAL_GENERATION,
    KafkaError.UNKNOWN_MEMBER_ID,
    KafkaError.REBALANCE_IN_PROGRESS,
    KafkaError.FENCED_INSTANCE_ID,
    KafkaError.STALE_MEMBER_EPOCH,
    KafkaError._ASSIGNMENT_LOST,  # noqa: SLF001
}
# What a group meets while its coordinator moves or starts: each broker that comes or goes brings it about.
_COORDINATOR_MOVES = {
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
    KafkaError._WAIT_COORD,  # noqa: SLF001
    KafkaError._TRANSPORT,  # noqa: SLF001
    KafkaError._TIMED_OUT,  # noqa: SLF001
}
_ASK_AGAIN_SECONDS = 0.2
# How long a full queue is left alone. At librdkafka's 1,000 it runs empty in between: 600 records of 1 MB
# through 16 MiB took 21 s instead of 9.
_FETCH_BACKOFF_MS = 50
_FETCH_BYTES = 50 * 1024**2  # librdkafka's own: what one answer of a broker may hold

# What librdkafka would print is either told by our own errors or noise while it reconnects.
_silent = logging.getLogger("backbeat.kafka")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


def configuration(settings: SinkSettings) -> ClientConfig:
    """What every client of this process needs; BackbeatError when no address is set."""
    if not settings.kafka_bootstrap:
        raise BackbeatError(f"{_ADDRESS} is empty: name a Kafka, or start one with `backbeat broker`")
    return settings.client_config()


def connect(
    settings: SinkSettings,
    on_error: Callable[[KafkaError], None] | None = None,
    tuning: Mapping[str, str | int | float | bool] | None = None,
) -> Consumer:
    """A consumer of the sink's group that commits nothing and jumps nowhere by itself."""
    own = {
        "group.id": settings.sink_name,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        # The lake says where to begin. If Kafka has nothing there, rows are gone: never a silent jump.
        "auto.offset.reset": "error",
        "enable.partition.eof": True,
        "allow.auto.create.topics": False,
        # How long rows wait in partitions that are added to a topic; librdkafka's own is 5 minutes.
        "topic.metadata.refresh.interval.ms": 10_000,
        "isolation.level": "read_committed",
        "queued.max.messages.kbytes": max(settings.sink_queue_bytes // 1024, 1),
        "fetch.queue.backoff.ms": _FETCH_BACKOFF_MS,
        "fetch.wait.max.ms": settings.sink_fetch_wait_ms,
        "fetch.max.bytes": min(settings.sink_queue_bytes, _FETCH_BYTES),
        "error_cb": on_error or (lambda _: None),
    }
    try:
        config = configuration(settings) | own | _membership(settings) | dict(tuning or {})
        return Consumer(config, logger=_silent)
    except KafkaException as error:
        raise BackbeatError(
            "Kafka cannot be used with BACKBEAT_SECURITY_PROTOCOL, BACKBEAT_SASL_*, BACKBEAT_SSL_* as set: "
            f"{reason(error)}"
        ) from error


def _membership(settings: SinkSettings) -> ClientConfig:
    """How the group shares out partitions: one at a time changes hands, the others go on being landed."""
    if settings.sink_group_protocol == "consumer":  # the broker assigns, and sets the session's length
        return {"group.protocol": "consumer"}
    return {
        "group.protocol": "classic",
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": int(settings.sink_session_seconds * 1000),
        # Every 3 s by default; several must fit into a short session, or a living sink counts as dead.
        "heartbeat.interval.ms": min(3_000, int(settings.sink_session_seconds * 250)),
    }


def metadata(consumer: Consumer, settings: SinkSettings) -> ClusterMetadata:
    """The cluster's topics; BackbeatError when it does not answer in time."""
    try:
        found: ClusterMetadata = consumer.list_topics(timeout=settings.sink_kafka_seconds)
    except KafkaException as error:
        raise unavailable(settings, error) from error
    return found


def unavailable(settings: SinkSettings, error: KafkaError | KafkaException) -> BackbeatError:
    """The one line for a Kafka that is away or refuses us."""
    return BackbeatError(f"Kafka at {settings.kafka_bootstrap} ({_ADDRESS}) does not serve: {reason(error)}")


def reason(error: KafkaError | KafkaException) -> str:
    """Kafka's own words, on one line."""
    inner = error.args[0] if isinstance(error, KafkaException) else error
    text = inner.str() if isinstance(inner, KafkaError) else str(inner)
    return " ".join(text.split())


def commit(consumer: Consumer, settings: SinkSettings, offsets: list[TopicPartition]) -> bool:
    """Commit `offsets` and wait; False when the group is between two assignments and takes none now."""
    try:
        answers = consumer.commit(offsets=offsets, asynchronous=False) or []
    except KafkaException as error:
        failures = [error.args[0]]
    else:
        failures = [answer.error for answer in answers if answer.error]
    for failure in failures:
        if failure.code() not in _BETWEEN_ASSIGNMENTS | _COORDINATOR_MOVES:
            raise unavailable(settings, failure)
    return not failures


def committed(
    consumer: Consumer, settings: SinkSettings, partitions: list[TopicPartition]
) -> list[TopicPartition]:
    """What the group has committed; BackbeatError when its coordinator is not found in time."""
    patience = time.monotonic() + settings.sink_kafka_seconds
    while True:
        try:
            return consumer.committed(partitions, timeout=max(patience - time.monotonic(), 0.1))
        except KafkaException as error:
            moves = error.args[0].code() in _COORDINATOR_MOVES
            if not moves or time.monotonic() + _ASK_AGAIN_SECONDS > patience:
                raise unavailable(settings, error) from error
        time.sleep(_ASK_AGAIN_SECONDS)
