"""The collector as a process: what it accepts is in Kafka, whatever dies."""

from __future__ import annotations

import gzip
import signal
import time
from collections import Counter
from pathlib import Path

import orjson
import pytest

from consumer.judge import judge
from contracts.events import TOPICS
from producer.broker import EmbeddedBroker, contract_topics
from tests.collector_harness import LISTEN, Running, await_that, collecting, likes, load, values
from tests.servers import KafkaServer


@pytest.fixture
def kafka(running_kafka: KafkaServer) -> KafkaServer:
    """Apache Kafka with the contract's topics, new and empty."""
    running_kafka.start()
    running_kafka.replace_topics(contract_topics(3))
    return running_kafka


def ids(found: list[bytes]) -> Counter[str]:
    return Counter(orjson.loads(value)["event_id"] for value in found)


def test_what_is_accepted_is_in_its_topic_and_whole(
    collector: Running, contract_broker: EmbeddedBroker
) -> None:
    events = likes(50)
    lines = gzip.compress(b"\n".join(map(orjson.dumps, [*events, {"topic": "likes"}])))
    head = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    status, told = collector.ask(
        "POST", "/v1/events", lines, Authorization=f"Bearer {collector.token}", **head
    )
    assert (status, told["accepted"], told["rejected"]) == (200, 50, 1)
    found = values(contract_broker.bootstrap)
    assert set(ids(found)) >= {event["event_id"] for event in events}
    assert set(judge("likes", found, [None] * len(found)).errors) == {None}


def test_a_scrobbler_is_understood_and_its_listen_counts_once(
    collector: Running, contract_broker: EmbeddedBroker
) -> None:
    assert (
        collector.submit(
            {"listen_type": "playing_now", "payload": [{"track_metadata": LISTEN["track_metadata"]}]}
        )[0]
        == 200
    )
    for kind in ("single", "import", "import"):
        assert collector.submit({"listen_type": kind, "payload": [LISTEN]}) == (200, {"status": "ok"})
    assert len(values(contract_broker.bootstrap, "playback_started")) == 1
    plays = values(contract_broker.bootstrap, "plays")
    assert (len(plays), len(ids(plays))) == (3, 1)
    assert judge("plays", plays, [None] * 3).errors == [None] * 3


def test_sigterm_answers_what_came_in_and_takes_no_more(
    contract_broker: EmbeddedBroker, tmp_path: Path
) -> None:
    with collecting(contract_broker.bootstrap, tmp_path) as collector, load(collector) as account:
        await_that(lambda: len(account.accepted) > 500)
        code, log = collector.end()
        await_that(lambda: account.statuses[-4:] == [None] * 4)
    assert code == 0
    assert log[-1]["event"] == "collector_stopped"
    assert log[-1]["pending_events"] == 0
    assert account.accepted - set(ids(values(contract_broker.bootstrap))) == set()
    assert set(account.statuses) == {200, None}


@pytest.mark.real
def test_whoever_is_killed_nothing_accepted_is_lost(kafka: KafkaServer, tmp_path: Path) -> None:
    with (
        collecting(kafka.address, tmp_path, collector_ack_seconds=3) as collector,
        load(collector) as account,
    ):
        await_that(lambda: len(account.accepted) > 1_000)
        kafka.kill()
        await_that(lambda: account.statuses[-4:] == [503] * 4)
        began = time.monotonic()
        status, told = collector.post(likes(3))
        assert (status, set(told)) == (503, {"code", "error"})
        assert time.monotonic() - began < 2.5  # sooner than any time-out
        assert collector.ask("GET", "/readyz")[0] == 503
        kafka.start()
        before = len(account.accepted)
        await_that(lambda: len(account.accepted) > before + 500)
        assert set(account.statuses) == {200, 503}  # every request was answered
        assert account.slowest < 3 + 7
        collector.process.send_signal(signal.SIGKILL)
        await_that(lambda: account.statuses[-4:] == [None] * 4)
    assert account.accepted - set(ids(values(kafka.address))) == set()
    assert set(account.statuses) == {200, 503, None}


def test_a_kafka_without_the_topics_is_told_and_nothing_is_taken(tmp_path: Path) -> None:
    topics = {name: 1 for name in TOPICS if name != "skips"}
    with EmbeddedBroker(topics) as lacking, collecting(lacking.bootstrap, tmp_path) as collector:
        _, told = collector.ask("GET", "/readyz")
        assert "no topic skips" in told["reasons"][0]
        assert collector.post(likes(1))[0] == 503
