"""The stack of a single run: what is published has landed when it is drained, or an error says why not."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from contracts.errors import BackbeatError
from producer.broker import EmbeddedBroker
from producer.local import LocalStack, publishing
from producer.publisher import Publisher
from producer.settings import KafkaSettings
from producer.sink_process import SinkSummary

DOUBLE = Path(__file__).with_name("sink_double.py")
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def _sink(manner: str) -> list[str]:
    return [sys.executable, str(DOUBLE), manner]


def _settings(bootstrap: str = "", **changes: float) -> KafkaSettings:
    return KafkaSettings(_env_file=None, kafka_bootstrap=bootstrap, broker_partitions=2, **changes)  # type: ignore[call-arg, arg-type]


def _publish_and_drain(stack: LocalStack) -> None:
    with Publisher(stack.settings, watch=stack.check) as publisher:
        publisher.publish("plays", b"a", b"{}")
        publisher.flush()
        stack.drain()


def test_what_is_published_has_landed_when_drained() -> None:
    seen: list[tuple[int, int]] = []
    with publishing(_settings(), _sink("well")) as (publisher, drain):
        publisher.publish_many("plays", [b"a", b"b", b"c"] * 10, [b"{}"] * 30)
        publisher.publish("likes", b"a", b"null")
        summary = drain(lambda landed, published: seen.append((landed, published)))
    assert summary == SinkSummary(rows=31, objects=1, bytes=64, malformed=0)
    assert seen[-1] == (31, 31)
    assert publisher.acknowledged == {"plays": 30, "likes": 1}


def test_the_real_sink_lands_every_event_in_the_lake(tmp_path: Path) -> None:
    settings = _settings().model_copy(update={"lake": str(tmp_path / "lake")})
    values = [f'{{"number":{number}}}'.encode() for number in range(500)]
    with publishing(settings) as (publisher, drain):
        publisher.publish_many("plays", values, values)
        summary = drain()
    assert summary is not None
    assert (summary.rows, summary.malformed) == (500, 500)
    objects = list((tmp_path / "lake" / "bronze" / "plays").rglob("*.parquet"))
    payloads = [
        text for path in objects for text in pq.read_table(path, columns=["payload"])["payload"].to_pylist()
    ]
    assert len(objects) == summary.objects
    assert sorted(payloads) == sorted(value.decode() for value in values)


def test_a_configured_kafka_is_used_and_nothing_is_started() -> None:
    with (
        EmbeddedBroker({"plays": 1}) as broker,
        publishing(_settings(broker.bootstrap), ["/no/such/program"]) as (publisher, drain),
    ):
        publisher.publish("plays", b"a", b"{}")
        assert drain() is None
        assert publisher.acknowledged == {"plays": 1}


def test_nothing_published_drains_at_once() -> None:
    with LocalStack(_settings(), _sink("well")) as stack:
        assert stack.drain().rows == 0


def test_a_sink_that_dies_is_an_error_with_its_last_words() -> None:
    with (
        pytest.raises(BackbeatError, match=r"exit code 3.*the bucket is gone"),
        LocalStack(_settings(), _sink("dies")) as stack,
    ):
        _publish_and_drain(stack)


def test_a_sink_that_lands_nothing_is_an_error_that_says_how_far_it_came() -> None:
    with (
        pytest.raises(BackbeatError, match=r"landed 0 of 1 events.*BACKBEAT_LAKE"),
        LocalStack(_settings(drain_timeout_s=1), _sink("lazy")) as stack,
    ):
        _publish_and_drain(stack)


@pytest.mark.parametrize(
    ("manner", "words"), [("silent", "without its summary.*done"), ("fails", "at its end.*the disk is full")]
)
def test_a_sink_that_ends_badly_is_an_error(manner: str, words: str) -> None:
    with LocalStack(_settings(), _sink(manner)) as stack, pytest.raises(BackbeatError, match=words):
        _publish_and_drain(stack)


def test_an_error_in_the_block_leaves_no_process_behind() -> None:
    def fail(stack: LocalStack) -> None:
        pids.append(stack._sink._process.pid)
        raise RuntimeError("mine")

    pids: list[int] = []
    with pytest.raises(RuntimeError, match="mine"), LocalStack(_settings(), _sink("well")) as stack:
        fail(stack)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_a_program_that_is_not_there_is_an_error() -> None:
    started = time.monotonic()
    with (
        pytest.raises(BackbeatError, match="/no/such/program"),
        LocalStack(_settings(), ["/no/such/program"]),
    ):
        pass
    assert time.monotonic() - started < 10
