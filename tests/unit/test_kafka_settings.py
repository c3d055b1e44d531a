"""What a publishing process makes of its environment."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from producer.settings import KafkaSettings


def test_the_default_is_a_plain_connection_without_empty_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKBEAT_KAFKA_BOOTSTRAP", raising=False)
    config = KafkaSettings(_env_file=None).client_config()  # type: ignore[call-arg]
    assert config == {"bootstrap.servers": "", "security.protocol": "plaintext"}


def test_security_settings_reach_the_client_and_the_password_no_printout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "KAFKA_BOOTSTRAP": "kafka.example:9093",
        "SECURITY_PROTOCOL": "SASL_SSL",
        "SASL_MECHANISM": "SCRAM-SHA-512",
        "SASL_USERNAME": "producer",
        "SASL_PASSWORD": "hush-hush",
        "SSL_CA_LOCATION": "/etc/ssl/ca.pem",
    }.items():
        monkeypatch.setenv(f"BACKBEAT_{name}", value)
    settings = KafkaSettings()
    assert settings.client_config() == {
        "bootstrap.servers": "kafka.example:9093",
        "security.protocol": "sasl_ssl",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "producer",
        "sasl.password": "hush-hush",
        "ssl.ca.location": "/etc/ssl/ca.pem",
    }
    assert "hush-hush" not in repr(settings)


def test_an_unknown_protocol_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_SECURITY_PROTOCOL", "CARRIER_PIGEON")
    with pytest.raises(ValidationError, match="security_protocol"):
        KafkaSettings()
