"""The servers that integration tests share, a Kafka of each tier, and a collector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar
from uuid import uuid4

import boto3
import pytest

from producer.broker import EmbeddedBroker, contract_topics
from tests.collector_harness import Running, collecting
from tests.moto_server import AtomicMotoServer
from tests.servers import ACCESS_KEY, SECRET_KEY, KafkaServer, PostgresServer, S3Server
from tests.sink_harness import PARTITIONS
from tests.tiers import TIERS, Tier, embedded

_Server = TypeVar("_Server", KafkaServer, S3Server, PostgresServer)


def _started(server: _Server) -> Iterator[_Server]:
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def running_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    yield from _started(KafkaServer(tmp_path_factory.mktemp("kafka")))


@pytest.fixture(scope="session")
def running_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    yield from _started(S3Server(tmp_path_factory.mktemp("s3")))


@pytest.fixture(scope="session")
def running_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    yield from _started(PostgresServer(tmp_path_factory.mktemp("postgres")))


@pytest.fixture
def kafka_server(running_kafka: KafkaServer) -> KafkaServer:
    """Apache Kafka, running (a test may have ended it), with one topic `plays`, new and empty."""
    running_kafka.start()
    running_kafka.replace_topics({"plays": PARTITIONS})
    return running_kafka


@pytest.fixture(params=TIERS)
def broker(request: pytest.FixtureRequest) -> Iterator[Tier]:
    """A Kafka with one topic `plays`, new and empty."""
    if request.param == "embedded":
        with embedded({"plays": PARTITIONS}) as started:
            yield started
    else:
        server: KafkaServer = request.getfixturevalue("kafka_server")
        yield Tier("real", server.address, f"sink-{uuid4().hex[:8]}", server.stop)


@pytest.fixture(scope="module", params=TIERS)
def endpoint(request: pytest.FixtureRequest) -> Iterator[str]:
    """An S3 server without buckets, opened by `ACCESS_KEY` and `SECRET_KEY`."""
    if request.param == "embedded":
        moto = AtomicMotoServer()
        moto.start()
        yield moto.endpoint
        moto.stop()
    else:
        server: S3Server = request.getfixturevalue("running_s3")
        _empty(server.address)
        yield server.address
        _empty(server.address)


@pytest.fixture(scope="module")
def contract_broker() -> Iterator[EmbeddedBroker]:
    """The embedded broker with all topics of the contract."""
    with EmbeddedBroker(contract_topics(3)) as started:
        yield started


@pytest.fixture(scope="module")
def collector(contract_broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A collector's process that publishes to `contract_broker`."""
    with collecting(contract_broker.bootstrap, tmp_path_factory.mktemp("collector")) as running:
        yield running


def _empty(endpoint: str) -> None:
    resource = boto3.resource(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
    )
    for bucket in resource.buckets.all():
        bucket.objects.all().delete()
        bucket.delete()
    resource.meta.client.close()
