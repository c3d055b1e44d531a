"""The publisher against a real broker, and against none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Message, Producer

import producer.publisher as publisher_module
from contracts.errors import BackbeatError
from producer.broker import EmbeddedBroker
from producer.partitioner import partition_of
from producer.publisher import Publisher
from producer.settings import KafkaSettings


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker({"plays": 4, "skips": 2}) as embedded:
        yield embedded


def _settings(bootstrap: str, **changes: float) -> KafkaSettings:
    return KafkaSettings(_env_file=None, kafka_bootstrap=bootstrap, **changes)  # type: ignore[call-arg, arg-type]


def _read(bootstrap: str, topic: str, expected: int) -> list[Message]:
    # A group per topic: the embedded broker lets nobody join a group again before its session timeout.
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    messages: list[Message] = []
    until = time.monotonic() + 20
    while len(messages) < expected and time.monotonic() < until:
        messages += consumer.consume(expected - len(messages), 0.2)
    consumer.close()
    return messages


def test_what_is_published_arrives_as_it_was(broker: EmbeddedBroker) -> None:
    header = ("backbeat-rejected", b"import_bad_time: 25:61")
    with Publisher(_settings(broker.bootstrap)) as publisher:
        publisher.publish("plays", b"sim-1", b'{"a":1}', [header])
        publisher.publish("plays", None, b"")
        publisher.publish_many("skips", [b"sim-2", b"sim-2"], [b"one", b"two"])
        publisher.flush()
        assert publisher.acknowledged == {"plays": 2, "skips": 2}
        assert publisher.acknowledged_bytes == (5 + 7 + 17 + 22) + 0 + 8 + 8
    plays = {(m.key(), m.value()): m.headers() for m in _read(broker.bootstrap, "plays", 2)}
    assert plays == {(b"sim-1", b'{"a":1}'): [header], (None, b""): None}
    assert [m.value() for m in _read(broker.bootstrap, "skips", 2)] == [b"one", b"two"]


def test_leaving_the_block_flushes(broker: EmbeddedBroker) -> None:
    with Publisher(_settings(broker.bootstrap)) as publisher:
        publisher.publish_many("plays", [b"k"] * 1_000, [b"v"] * 1_000)
    assert publisher.acknowledged == {"plays": 1_000}


def test_a_key_goes_where_librdkafkas_own_partitioner_puts_it(broker: EmbeddedBroker) -> None:
    keys = [f"user-{number}".encode() for number in range(200)]
    with Publisher(_settings(broker.bootstrap)) as publisher:
        publisher.publish_many("plays", keys, keys)
    ours = {m.key(): m.partition() for m in _read(broker.bootstrap, "plays", 200)}
    theirs: dict[bytes, int] = {}
    config = {"bootstrap.servers": broker.bootstrap, "partitioner": "murmur2_random", "log_level": 0}
    client = Producer(config)
    for key in keys:
        client.produce("plays", key, key, on_delivery=lambda _, m: theirs.update({m.key(): m.partition()}))
    assert client.flush(10) == 0
    assert ours == theirs


def test_a_kafka_that_keeps_what_it_is_given_is_not_paced(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [f"user-{number}".encode() for number in range(200)]
    monkeypatch.setattr(publisher_module, "CLUSTER_ID_PREFIX", "some-other-cluster")
    with Publisher(_settings(broker.bootstrap)) as publisher:
        publisher.publish_many("plays", keys, keys)
        assert publisher._pacer is None
    assert publisher.acknowledged == {"plays": 200}
    placed = {(m.key(), m.partition()) for m in _read(broker.bootstrap, "plays", 200)}
    assert placed == {(key, partition_of(key, 4)) for key in keys}


def test_a_full_queue_is_waited_for(broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(publisher_module._TUNING, "queue.buffering.max.messages", 100)
    with Publisher(_settings(broker.bootstrap)) as publisher:
        publisher.publish_many("plays", [b"k"] * 1_000, [b"v"] * 1_000)
    assert publisher.acknowledged == {"plays": 1_000}


def test_unequal_keys_and_values_are_a_mistake(broker: EmbeddedBroker) -> None:
    with (
        pytest.raises(ValueError, match="1 keys do not fit 2 values"),
        Publisher(_settings(broker.bootstrap)) as publisher,
    ):
        publisher.publish_many("plays", [b"k"], [b"v", b"w"])


def test_an_event_that_is_too_large_names_its_topic(broker: EmbeddedBroker) -> None:
    with (
        pytest.raises(BackbeatError, match=r"topic skips, 2,000,001 bytes: .*too large"),
        Publisher(_settings(broker.bootstrap)) as publisher,
    ):
        publisher.publish("skips", b"k", bytes(2_000_000))


def _publish_around_its_end(broker: EmbeddedBroker, publisher: Publisher) -> None:
    publisher.publish("plays", b"k", b"first")
    publisher.flush()
    broker.close()
    publisher.publish("plays", b"k", b"second")


def test_a_broker_that_goes_away_fails_the_flush_and_names_the_topic() -> None:
    with (
        EmbeddedBroker({"plays": 1}) as broker,
        pytest.raises(BackbeatError, match=rf"{broker.bootstrap} .* topic plays: .*timed out"),
        Publisher(_settings(broker.bootstrap, delivery_timeout_s=1)) as publisher,
    ):
        _publish_around_its_end(broker, publisher)
    assert publisher.acknowledged == {"plays": 1}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def test_no_broker_is_one_line_that_comes_soon_and_nothing_else_on_stderr() -> None:
    publish = (
        "import sys\n"
        "from contracts.errors import BackbeatError\n"
        "from producer.publisher import Publisher\n"
        "from producer.settings import KafkaSettings\n"
        "try:\n"
        "    with Publisher(KafkaSettings(connect_timeout_s=1)): pass\n"
        "except BackbeatError as error:\n"
        "    sys.exit(str(error))\n"
    )
    address = f"127.0.0.1:{_free_port()}"
    environment = {**os.environ, "BACKBEAT_KAFKA_BOOTSTRAP": address}
    done = subprocess.run(
        [sys.executable, "-c", publish],
        capture_output=True,
        text=True,
        timeout=15,
        check=False,
        env=environment,
    )
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert address in line
    assert "Connection refused" in line
    assert "BACKBEAT_KAFKA_BOOTSTRAP" in line


def test_the_default_patience_with_a_missing_broker_is_below_ten_seconds() -> None:
    assert _settings("").connect_timeout_s < 10


def test_an_empty_bootstrap_names_the_setting() -> None:
    with pytest.raises(BackbeatError, match="BACKBEAT_KAFKA_BOOTSTRAP is empty"):
        Publisher(_settings(""))


def test_a_setting_that_librdkafka_refuses_is_a_clear_error() -> None:
    settings = _settings("127.0.0.1:1").model_copy(
        update={"security_protocol": "SSL", "ssl_ca_location": "/none"}
    )
    with pytest.raises(BackbeatError, match=r"ssl\.ca\.location"), Publisher(settings):
        pass
