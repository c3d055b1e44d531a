"""Is Kafka there, does it let us in, and are the topics as the sink needs them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from consumer.doctor.check import Check, fail, ok, warn
from consumer.kafka import HOPELESS, connect, metadata, reason
from consumer.settings import SinkSettings
from consumer.topic_config import topic_configs
from contracts.errors import BackbeatError
from contracts.events import TOPICS

if TYPE_CHECKING:
    from confluent_kafka.admin._metadata import ClusterMetadata

_EMBEDDED = "mockCluster"
_DAY_MS = 86_400_000


def check_kafka(settings: SinkSettings) -> list[Check]:
    """Look at the Kafka of `settings`; joins no group, commits nothing, creates nothing."""
    if not settings.kafka_bootstrap:
        why = "is empty: `backbeat sink` needs a Kafka; commands that publish start their own"
        return [warn("kafka.reachable", f"BACKBEAT_KAFKA_BOOTSTRAP {why}")]
    errors: list[KafkaError] = []
    try:
        consumer = connect(settings, errors.append)
    except BackbeatError as error:
        return [fail("kafka.credentials", str(error))]
    try:
        return list(_look(consumer, settings, errors))
    finally:
        consumer.close()


def _look(consumer: Consumer, settings: SinkSettings, errors: list[KafkaError]) -> Iterator[Check]:
    try:
        cluster = metadata(consumer, settings)
    except BackbeatError as error:
        consumer.poll(0)  # hands over what librdkafka met on the way
        yield _away(settings, error, errors)
        return
    where = f"cluster {cluster.cluster_id} with {len(cluster.brokers)} brokers at {settings.kafka_bootstrap}"
    yield ok("kafka.reachable", where)
    yield ok("kafka.credentials", f"{settings.security_protocol} is accepted (BACKBEAT_SECURITY_PROTOCOL)")
    present = [topic for topic in TOPICS if topic in cluster.topics and not cluster.topics[topic].error]
    yield _topics(present, settings)
    if present:
        yield _partitions(cluster, present)
        yield from _configs(cluster, settings, present)
        yield _group(consumer, cluster, settings, present)


def _away(settings: SinkSettings, error: BackbeatError, errors: list[KafkaError]) -> Check:
    refused = [each for each in errors if each.code() in HOPELESS]
    if refused:
        names = "BACKBEAT_SECURITY_PROTOCOL, BACKBEAT_SASL_*, BACKBEAT_SSL_CA_LOCATION"
        return fail("kafka.credentials", f"{settings.kafka_bootstrap}: {reason(refused[0])} ({names})")
    met = f" ({reason(errors[0])})" if errors else ""
    return fail("kafka.reachable", f"{error}{met}")


def _topics(present: list[str], settings: SinkSettings) -> Check:
    if missing := [topic for topic in TOPICS if topic not in present]:
        why = f"create {', '.join(missing)}: `backbeat contracts topics` names all (BACKBEAT_KAFKA_BOOTSTRAP)"
        return fail("kafka.topics", why)
    return ok("kafka.topics", f"all {len(TOPICS)} topics of the contract are at {settings.kafka_bootstrap}")


def _partitions(cluster: ClusterMetadata, present: list[str]) -> Check:
    counts = {topic: len(cluster.topics[topic].partitions) for topic in present}
    leaderless = [
        f"{topic}/{number}"
        for topic in present
        for number, partition in cluster.topics[topic].partitions.items()
        if partition.leader < 0
    ]
    if leaderless:
        return fail("kafka.partitions", f"without a leader: {', '.join(leaderless)}; look at the brokers")
    said = ", ".join(f"{topic} {count}" for topic, count in counts.items())
    if single := [topic for topic, count in counts.items() if count == 1]:
        return warn(
            "kafka.partitions", f"{', '.join(single)}: one partition keeps one sink busy at most ({said})"
        )
    return ok("kafka.partitions", said)


def _configs(cluster: ClusterMetadata, settings: SinkSettings, present: list[str]) -> Iterator[Check]:
    if str(cluster.cluster_id).startswith(_EMBEDDED):
        yield ok("kafka.config", "the embedded broker has no topic settings; it keeps 5 MiB a partition")
        return
    try:
        found = topic_configs(settings, present)
    except KafkaException as error:
        yield warn(
            "kafka.config", f"not told ({reason(error)}): this user needs DescribeConfigs on the topics"
        )
        return
    yield _verdict("kafka.cleanup", {topic: _cleanup(config) for topic, config in found.items()})
    yield _verdict("kafka.retention", {topic: _retention(config) for topic, config in found.items()})
    kinds = {config.get("message.timestamp.type", "unknown") for config in found.values()}
    note = (
        "producers' clocks choose the landing hour" if "CreateTime" in kinds else "the broker's clock counts"
    )
    yield ok("kafka.timestamps", f"message.timestamp.type={', '.join(sorted(kinds))}: {note}")


def _verdict(name: str, found: Mapping[str, tuple[str, bool]]) -> Check:
    """One check over all topics: those that are not as they should be are named."""
    wrong = {topic: said for topic, (said, good) in found.items() if not good}
    if wrong:
        return warn(name, "; ".join(f"topic {topic}: {said}" for topic, said in wrong.items()))
    return ok(name, ", ".join(sorted({said for said, _ in found.values()})))


def _cleanup(config: Mapping[str, str]) -> tuple[str, bool]:
    policy = config.get("cleanup.policy", "unknown")
    good = "compact" not in policy
    return (
        f"cleanup.policy={policy}{'' if good else ' drops records before they are landed; use delete'}",
        good,
    )


def _retention(config: Mapping[str, str]) -> tuple[str, bool]:
    time_ms, size = int(config.get("retention.ms", -1)), int(config.get("retention.bytes", -1))
    if 0 <= time_ms < _DAY_MS:
        return (
            f"retention.ms={time_ms}: a sink that is down for longer loses records; use a day or more",
            False,
        )
    if size >= 0:
        return f"retention.bytes={size} drops records by size, landed or not; use -1", False
    return f"retention.ms={time_ms}", True


def _group(consumer: Consumer, cluster: ClusterMetadata, settings: SinkSettings, present: list[str]) -> Check:
    """How far the group has told Kafka it is, against what Kafka still holds."""
    places = [
        TopicPartition(topic, number) for topic in present for number in cluster.topics[topic].partitions
    ]
    group = f"group {settings.sink_name} (BACKBEAT_SINK_NAME)"
    try:
        behind, lost = 0, list[str]()
        for place in consumer.committed(places, timeout=settings.sink_kafka_seconds):
            low, high = consumer.get_watermark_offsets(place, timeout=settings.sink_kafka_seconds)
            reached = max(place.offset, 0)
            behind += high - max(reached, low)
            if 0 < reached < low:
                lost.append(f"{place.topic}/{place.partition} {reached} to {low - 1}")
    except KafkaException as error:
        return fail("kafka.group", f"{group}: {reason(error)}")
    if lost:
        why = f"{group} had not landed {', '.join(lost)} when Kafka dropped it: lengthen retention.ms"
        return fail("kafka.group", why)
    return ok("kafka.group", f"{group} has {behind:,} offsets to land")
