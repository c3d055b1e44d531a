"""What a publishing process reads from its environment."""

from __future__ import annotations

from pydantic import Field

from contracts.kafka import KafkaClientSettings


class KafkaSettings(KafkaClientSettings):
    """How to reach Kafka (with BACKBEAT_KAFKA_BOOTSTRAP) and how long to wait for it."""

    broker_partitions: int = Field(12, ge=1, description="Partitions per topic of the embedded broker.")
    connect_timeout_s: float = Field(8, gt=0, description="How long Kafka may take to answer at all.")
    delivery_timeout_s: float = Field(
        60, gt=0, description="How long Kafka may take to acknowledge an event."
    )
    pacing_timeout_s: float = Field(
        120, gt=0, description="Embedded broker: how long the sink may commit nothing while we wait for it."
    )
    drain_timeout_s: float = Field(
        120, gt=0, description="Embedded broker: how long the sink may land nothing at the end of a run."
    )
