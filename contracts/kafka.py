"""How any process of ours reaches Kafka: the settings, and the librdkafka configuration they make."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from contracts.settings import Settings

ClientConfig = dict[str, str | int | float | bool]


class KafkaClientSettings(Settings):
    """`BACKBEAT_KAFKA_BOOTSTRAP` and what a Kafka that asks who is there wants to know."""

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How clients speak to Kafka; the embedded broker speaks PLAINTEXT only."
    )
    sasl_mechanism: str = Field("", description="PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 …; with SASL_* only.")
    sasl_username: str = Field("", description="Kafka user; with SASL_* only.")
    sasl_password: SecretStr = Field(SecretStr(""), description="Kafka password; with SASL_* only.")
    ssl_ca_location: str = Field("", description="CA certificates (PEM file); empty: the system's.")
    sink_name: str = Field(
        "backbeat-sink",
        pattern=r"^[A-Za-z0-9._-]+$",
        description="Consumer group of the sink, name of its fences: one per lake, or rows land twice.",
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
