"""What a Kafka says about its topics' settings."""

from __future__ import annotations

from collections.abc import Collection

from confluent_kafka.admin import AdminClient, ConfigResource  # type: ignore[attr-defined]

from consumer.kafka import configuration
from consumer.settings import SinkSettings


def topic_configs(settings: SinkSettings, topics: Collection[str]) -> dict[str, dict[str, str]]:
    """Topic → setting → value; KafkaException when the broker does not tell (the embedded one cannot)."""
    # It would print, at its end, that it drops the events it has no more use for.
    admin = AdminClient(configuration(settings) | {"log_level": 0})
    wanted = [ConfigResource(ConfigResource.Type.TOPIC, topic) for topic in topics]
    answers = admin.describe_configs(wanted, request_timeout=settings.sink_kafka_seconds)
    return {
        resource.name: {name: str(entry.value) for name, entry in answer.result().items()}
        for resource, answer in answers.items()
    }
