"""`backbeat sink doctor` against a real broker, a real S3 server, and their absence."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from consumer.doctor.check import Status
from consumer.doctor.kafka import check_kafka
from consumer.doctor.lake import check_lake
from consumer.race import refuse_racy
from consumer.settings import SinkSettings
from consumer.store import store_for
from producer.broker import contract_topics
from tests.moto_server import AtomicMotoServer
from tests.s3_client import s3_client
from tests.sink_harness import BACKBEAT, environment
from tests.tiers import Tier, embedded


def doctor(env: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    line = [*BACKBEAT, "sink", "doctor", *options]
    return subprocess.run(line, env=env, capture_output=True, text=True, timeout=60, check=False)


def told(process: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    found = json.loads(process.stdout.splitlines()[-1])
    assert found["ok"] is (process.returncode == 0)
    return {check["name"]: check for check in found["checks"]}


@pytest.fixture(scope="module")
def broker() -> Iterator[Tier]:
    with embedded(contract_topics(2)) as started:
        yield started


def test_a_healthy_installation(broker: Tier, tmp_path: Path) -> None:
    process = doctor(environment(broker, tmp_path / "lake"), "--json")
    checks = told(process)
    assert process.returncode == 0, process.stdout
    assert {check["status"] for check in checks.values()} == {"ok"}
    assert {"kafka.topics", "kafka.group", "store.race", "store.clock"} <= set(checks)
    assert "plays 2" in checks["kafka.partitions"]["detail"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_missing_topic_and_a_broken_lake_are_named(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("a file where a folder is wanted")
    with embedded({"plays": 1}) as broker:
        checks = told(doctor(environment(broker, tmp_path / "lake"), "--json"))
        people = doctor({**environment(broker, tmp_path / "lake"), "COLUMNS": "200"})
    assert checks["kafka.topics"]["status"] == "fail"
    assert "skips" in checks["kafka.topics"]["detail"]
    assert checks["kafka.partitions"]["status"] == "warn"
    assert checks["store.reachable"]["status"] == "fail"
    assert "BACKBEAT_LAKE" in checks["store.reachable"]["detail"]
    assert people.returncode == 1
    assert "The sink cannot run like this" in people.stdout


def test_kafka_that_is_away_or_not_named(tmp_path: Path) -> None:
    env = {**os.environ, "BACKBEAT_LAKE": str(tmp_path), "BACKBEAT_SINK_KAFKA_SECONDS": "1"}
    away = told(doctor({**env, "BACKBEAT_KAFKA_BOOTSTRAP": "127.0.0.1:1"}, "--json"))
    assert away["kafka.reachable"]["status"] == "fail"
    assert "BACKBEAT_KAFKA_BOOTSTRAP" in away["kafka.reachable"]["detail"]
    unset = told(doctor({**env, "BACKBEAT_KAFKA_BOOTSTRAP": ""}, "--json"))
    assert unset["kafka.reachable"]["status"] == "warn"
    assert unset["store.race"]["status"] == "ok"


def test_a_security_setting_that_cannot_work_is_named(broker: Tier) -> None:
    chosen = SinkSettings(
        _env_file=None,
        kafka_bootstrap=broker.bootstrap,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="NO-SUCH",
    )
    (check,) = check_kafka(chosen)
    assert (check.name, check.status) == ("kafka.credentials", Status.FAIL)
    assert "BACKBEAT_SASL_*" in check.detail


def test_the_group_is_looked_at(broker: Tier) -> None:
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "known", "log_level": 0})
    try:
        consumer.commit(offsets=[TopicPartition("plays", 0, 0)], asynchronous=False)
    finally:
        consumer.close()
    chosen = SinkSettings(_env_file=None, kafka_bootstrap=broker.bootstrap, sink_name="known")
    (check,) = [check for check in check_kafka(chosen) if check.name == "kafka.group"]
    assert check.status is Status.OK
    assert check.detail == "group known (BACKBEAT_SINK_NAME) has 0 offsets to land"


@pytest.fixture(scope="module")
def s3() -> Iterator[tuple[SinkSettings, Any]]:
    """Settings for a bucket `lake` on a server, and a client of it."""
    server = AtomicMotoServer()
    server.start()
    keys = {"s3_access_key_id": "key", "s3_secret_access_key": "secret"}
    settings = SinkSettings(_env_file=None, lake="s3://lake/prefix", s3_endpoint_url=server.endpoint, **keys)
    client = s3_client(settings.s3_endpoint_url)
    client.create_bucket(Bucket="lake")
    yield settings, client
    client.close()
    server.stop()


def test_an_s3_server_passes_and_is_left_as_it_was(s3: tuple[SinkSettings, Any]) -> None:
    settings, client = s3
    checks = check_lake(settings)
    assert [(check.name, check.detail) for check in checks if check.status is not Status.OK] == []
    assert "Contents" not in client.list_objects_v2(Bucket="lake")
    store = store_for(settings.lake, settings)
    refuse_racy(store, settings)
    refuse_racy(store, settings)
    markers = [key for key in store.list("_sink/probe/") if key.endswith(".json")]
    assert len(markers) == 1


def test_a_bucket_that_is_not_there_is_named(s3: tuple[SinkSettings, Any]) -> None:
    settings, _ = s3
    (check,) = check_lake(settings.model_copy(update={"lake": "s3://nowhere"}))
    assert (check.name, check.status) == ("store.reachable", Status.FAIL)
    assert "bucket nowhere does not exist" in check.detail
