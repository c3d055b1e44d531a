"""`backbeat simulate` into a real broker: what arrives is what the summary and the ledger say."""

from __future__ import annotations

import json
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer
from confluent_kafka import Consumer, Message, TopicPartition
from typer.testing import CliRunner

from contracts.errors import BackbeatError
from contracts.events import TOPICS
from producer.broker import EmbeddedBroker
from producer.simulator.command import simulate_command

PARTITIONS = 2

app = typer.Typer()
app.command("simulate")(simulate_command)
SMALL = ("--events", "3000", "--days", "2", "--end", "2026-11-01", "--json")


def read_all(bootstrap: str, expected: int) -> list[Message]:
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "reader", "auto.offset.reset": "earliest"}
    )
    consumer.assign([TopicPartition(topic, number, 0) for topic in TOPICS for number in range(PARTITIONS)])
    messages: list[Message] = []
    until = time.monotonic() + 20
    while len(messages) < expected and time.monotonic() < until:
        messages += consumer.consume(expected - len(messages), 0.2)
    consumer.close()
    return messages


class Lake:
    """A lake that only remembers."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def create(self, key: str, body: bytes) -> bool:
        return self.objects.setdefault(key, body) is body


def test_everything_simulated_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake, ledger = Lake(), tmp_path / "ledger.parquet"
    with EmbeddedBroker(dict.fromkeys(TOPICS, PARTITIONS)) as broker:
        monkeypatch.setenv("BACKBEAT_KAFKA_BOOTSTRAP", broker.bootstrap)
        result = CliRunner().invoke(app, [*SMALL, "--ledger", str(ledger)], obj={"store_for": lambda _: lake})
        assert result.exit_code == 0, result.output
        summary = json.loads(result.stdout.splitlines()[-1])
        messages = read_all(broker.bootstrap, summary["produced"])
    assert Counter(message.topic() for message in messages) == summary["by_topic"]
    arrived = {sha256(message.value() or b"").hexdigest() for message in messages}
    assert set(pq.read_table(ledger)["payload_sha256"].to_pylist()) <= arrived
    (key,) = lake.objects
    assert key == f"landing/episodes/{sha256(lake.objects[key]).hexdigest()}.csv"


def test_a_broker_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.setenv("BACKBEAT_CONNECT_TIMEOUT_S", "1")
    error = CliRunner().invoke(app, SMALL).exception
    assert isinstance(error, BackbeatError)
    assert "127.0.0.1:9" in str(error)
