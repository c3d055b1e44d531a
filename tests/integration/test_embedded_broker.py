"""The embedded broker: other processes use it, and it tells one run from the next."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer

from contracts.errors import BackbeatError
from contracts.events import TOPICS
from producer import librdkafka
from producer.broker import INCARNATION_TOPIC, EmbeddedBroker, contract_topics

OTHER_PROCESS = """
import sys
from confluent_kafka import Consumer
consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "g", "auto.offset.reset": "earliest"})
consumer.subscribe(["plays"])
message = None
while message is None:
    message = consumer.poll(1)
consumer.commit(message, asynchronous=False)
consumer.close()
print(message.error() or message.value().decode())
"""


def _incarnation(bootstrap: str) -> str:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "i", "auto.offset.reset": "earliest"})
    consumer.subscribe([INCARNATION_TOPIC])
    (message,) = consumer.consume(1, 10)
    consumer.close()
    return message.value().decode()


def test_it_has_the_contract_topics_and_says_what_it_is() -> None:
    with EmbeddedBroker(contract_topics(3)) as broker:
        metadata = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0}).list_topics(timeout=5)
    partitions = {name: len(topic.partitions) for name, topic in metadata.topics.items()}
    assert partitions == {**dict.fromkeys(TOPICS, 3), INCARNATION_TOPIC: 1}
    assert metadata.cluster_id.startswith("mockCluster")


def test_another_process_reads_what_is_published() -> None:
    with EmbeddedBroker({"plays": 1}) as broker:
        producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
        producer.produce("plays", "a song")
        assert producer.flush(10) == 0
        reader = [sys.executable, "-c", OTHER_PROCESS, broker.bootstrap]
        done = subprocess.run(reader, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == "a song"


def test_each_run_is_an_incarnation_of_its_own() -> None:
    with EmbeddedBroker({}) as first, EmbeddedBroker({}) as second:
        assert _incarnation(first.bootstrap) == first.incarnation
        assert _incarnation(second.bootstrap) == second.incarnation
    assert first.incarnation != second.incarnation


def test_it_is_gone_when_closed_and_closing_twice_is_harmless() -> None:
    with EmbeddedBroker({}) as broker:
        pass
    broker.close()
    with pytest.raises(ConnectionRefusedError):
        _connect(broker.bootstrap)


def _connect(bootstrap: str) -> None:
    host, port = bootstrap.split(":")
    socket.create_connection((host, int(port)), timeout=5).close()


def test_without_the_wheels_library_the_error_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(librdkafka, "_candidates", lambda: iter([Path("/nowhere/librdkafka.so.1")]))
    librdkafka.load.cache_clear()
    with pytest.raises(BackbeatError, match="BACKBEAT_KAFKA_BOOTSTRAP"), EmbeddedBroker({}):
        pass
    librdkafka.load.cache_clear()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_command_runs_until_told_to_stop(tmp_path: Path, stop: signal.Signals) -> None:
    state = tmp_path / "run" / "broker"
    run = "from typer.main import get_group; from producer.commands import app; get_group(app)()"
    command = [sys.executable, "-c", run, "broker", "--json", "--state", str(state)]
    environment = {**os.environ, "BACKBEAT_BROKER_PARTITIONS": "2"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, env=environment) as process:
        try:
            assert process.stdout is not None
            bootstrap = json.loads(process.stdout.readline())["bootstrap"]
            assert state.read_text().strip() == bootstrap
            _connect(bootstrap)
            process.send_signal(stop)
            _, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert (process.returncode, errors) == (0, b"")
    assert not state.exists()
