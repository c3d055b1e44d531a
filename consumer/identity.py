"""Which cluster, and which incarnation of each topic: what tells offset 0 today from offset 0 tomorrow."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from consumer.kafka import configuration, metadata, unavailable
from consumer.log import KafkaLog
from consumer.settings import SinkSettings
from contracts.errors import BackbeatError
from contracts.lake import Chain

# The embedded broker cannot tell topic ids; it leaves one record here that no other start of it shares.
INCARNATION_TOPIC = "_backbeat_incarnation"
_EMBEDDED_PREFIX = "mockCluster"


@dataclass(frozen=True)
class Identity:
    """The cluster's id, each topic's id and number of partitions, and whether the broker is embedded."""

    cluster_id: str
    topic_ids: Mapping[str, str]
    partitions: Mapping[str, int]
    embedded: bool

    def chain(self, sink: str, topic: str, partition: int) -> Chain:
        """The chain of one partition of this incarnation."""
        return Chain(sink, self.cluster_id, topic, self.topic_ids[topic], partition)


def identify(consumer: Consumer, settings: SinkSettings, topics: Collection[str], log: KafkaLog) -> Identity:
    """Ask Kafka who it is; BackbeatError when it is away or lacks one of `topics`."""
    cluster = metadata(consumer, settings)
    missing = sorted(topic for topic in topics if topic not in cluster.topics or cluster.topics[topic].error)
    if missing:
        raise BackbeatError(
            f"Kafka at {settings.kafka_bootstrap} (BACKBEAT_KAFKA_BOOTSTRAP) has no topic "
            f"{', '.join(missing)}: create it first"
        )
    cluster_id = cluster.cluster_id or "unknown"
    embedded = cluster_id.startswith(_EMBEDDED_PREFIX)
    ids = dict.fromkeys(topics, _incarnation(settings, log)) if embedded else _ids_of(settings, topics)
    counts = {topic: len(cluster.topics[topic].partitions) for topic in topics}
    return Identity(cluster_id, ids, counts, embedded)


def _incarnation(settings: SinkSettings, log: KafkaLog) -> str:
    found = log.latest([(INCARNATION_TOPIC, 0, 0)]).get((INCARNATION_TOPIC, 0))
    told: bytes | None = None if found is None else found.values[0].as_py()
    if not told:
        raise BackbeatError(
            f"the embedded broker at {settings.kafka_bootstrap} does not say which start of it this is "
            f"(no record in {INCARNATION_TOPIC}): start it with `backbeat broker`"
        )
    return told.decode()


def _admin(settings: SinkSettings) -> AdminClient:
    # It would print, at its end, that it drops the events it has no more use for.
    return AdminClient(configuration(settings) | {"log_level": 0})


def _ids_of(settings: SinkSettings, topics: Collection[str]) -> dict[str, str]:
    return _topic_ids(_admin(settings), settings, topics)


class Incarnations:
    """Whether topics still are what they were when they were identified.

    A consumer that follows a topic by name reads on, without a word, in another topic of that name. What
    it received before an answer here belongs to the topic the answer names: ids are never used again.
    """

    def __init__(self, settings: SinkSettings, identity: Identity) -> None:
        self._settings, self._identity = settings, identity
        self._admin = _admin(settings)

    def check(self, topics: Collection[str]) -> None:
        """BackbeatError when one of `topics` was deleted, or deleted and created again."""
        if self._identity.embedded:  # its topics live and end with its process
            return
        for topic, found in _topic_ids(self._admin, self._settings, topics).items():
            if found != self._identity.topic_ids[topic]:
                raise BackbeatError(
                    f"topic {topic} was deleted and created again while the sink followed it: start the sink "
                    "again, and it lands the new one from its beginning"
                )


def _topic_ids(admin: AdminClient, settings: SinkSettings, topics: Collection[str]) -> dict[str, str]:
    try:
        answers = admin.describe_topics(
            TopicCollection(list(topics)), request_timeout=settings.sink_kafka_seconds
        )
        return {topic: _spelled(str(answer.result().topic_id)) for topic, answer in answers.items()}
    except KafkaException as error:
        raise unavailable(settings, error) from error


def _spelled(topic_id: str) -> str:
    """A topic id as Kafka itself prints it. librdkafka's `/` would be one more folder in the lake's keys."""
    return topic_id.replace("+", "-").replace("/", "_")
