"""What a publishing process reads from its environment, and the librdkafka configuration it makes of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from contracts.settings import Settings

ClientConfig = dict[str, str | int | bool]


class KafkaSettings(Settings):
    """How to reach Kafka (with BACKBEAT_KAFKA_BOOTSTRAP) and how long to wait for it."""

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How clients speak to Kafka."
    )
    sasl_mechanism: str = Field("", description="PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 …; with SASL_* only.")
    sasl_username: str = Field("", description="Kafka user; with SASL_* only.")
    sasl_password: SecretStr = Field(SecretStr(""), description="Kafka password; with SASL_* only.")
    ssl_ca_location: str = Field("", description="File of trusted CA certificates; empty: the system's.")
    sink_name: str = Field("backbeat-sink", description="Consumer group of the sink that lands the events.")
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

    def client_config(self) -> ClientConfig:
        """The librdkafka settings that every client of this Kafka shares; empty ones are left out."""
        optional: ClientConfig = {
            "sasl.mechanism": self.sasl_mechanism,
            "sasl.username": self.sasl_username,
            "sasl.password": self.sasl_password.get_secret_value(),
            "ssl.ca.location": self.ssl_ca_location,
        }
        return {
            "bootstrap.servers": self.kafka_bootstrap,
            "security.protocol": self.security_protocol.lower(),
            **{name: value for name, value in optional.items() if value},
        }
