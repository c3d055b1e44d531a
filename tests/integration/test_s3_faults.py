"""The sink over an S3 that loses answers, refuses, breaks off and repeats: each offset still lands once."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyarrow.parquet as pq
import pytest

from consumer.fence import Fence
from consumer.progress import Progress
from consumer.settings import SinkSettings
from consumer.sink import Sink
from consumer.store import store_for
from consumer.tally import Tally
from contracts.errors import BackbeatError
from producer.broker import EmbeddedBroker
from tests.fault_proxy import Fault, Proxy, Request, fault_proxy
from tests.moto_server import AtomicMotoServer
from tests.s3_client import s3_client
from tests.sink_harness import PARTITIONS, publish

ROWS = 60
FENCE, DATA = "_sink/", "bronze/"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    started = AtomicMotoServer()
    started.start()
    host, port = started.get_host_and_port()
    yield f"{host}:{port}"
    started.stop()


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker({"plays": PARTITIONS}) as started:
        publish(started, ROWS)
        yield started


@pytest.fixture
def client(server: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client of the server itself, with an empty bucket for this test."""
    found = s3_client(f"http://{server}")
    found.create_bucket(Bucket=bucket(request))
    yield found
    found.close()


def bucket(request: pytest.FixtureRequest) -> str:
    return f"lake-{abs(hash(request.node.nodeid))}"


@pytest.fixture
def proxy(server: str) -> Iterator[Proxy]:
    with fault_proxy(server) as started:
        yield started


def run(broker: EmbeddedBroker, proxy: Proxy, name: str, **more: Any) -> Tally:
    """A sink of its own name (so: group and chain) to the end of the log."""
    settings = SinkSettings(
        _env_file=None,
        kafka_bootstrap=broker.bootstrap,
        lake=f"s3://{name}",
        sink_name=name,
        s3_endpoint_url=proxy.url,
        s3_access_key_id="key",
        s3_secret_access_key="secret",  # noqa: S106
        **{"s3_deadline_seconds": 20.0, "sink_session_seconds": 6.0, **more},
    )
    sink = Sink(settings, store_for(settings.lake, settings), Progress(), ["plays"])
    return sink.run(Event(), until_end=True)


def objects(client: Any, name: str, prefix: str) -> dict[str, bytes]:
    listed = client.list_objects_v2(Bucket=name, Prefix=prefix).get("Contents", [])
    return {each["Key"]: client.get_object(Bucket=name, Key=each["Key"])["Body"].read() for each in listed}


def assert_once(client: Any, name: str) -> None:
    """Each of the published rows is there once, in objects that fences decided, which tile."""
    data = objects(client, name, DATA)
    found = [row for body in data.values() for row in pq.ParquetFile(io.BytesIO(body)).read().to_pylist()]
    numbers = [int(json.loads(row["payload"])["play_id"][1:]) for row in found]
    assert sorted(numbers) == list(range(ROWS))
    places = [row["_offset"] * PARTITIONS + row["_partition"] for row in found]
    assert places == numbers
    ends: dict[str, int] = {}
    for key, body in sorted(objects(client, name, FENCE).items()):
        fence = Fence.model_validate_json(body)
        assert fence.base == ends.get(key.rpartition("/")[0], 0)
        assert fence.data_key in data
        ends[key.rpartition("/")[0]] = fence.end + 1


@pytest.mark.parametrize("kind", ["lost", 409, 500, 503, "reset", "repeated", "delayed"])
def test_a_fault_is_ridden_out(
    broker: EmbeddedBroker, proxy: Proxy, client: Any, request: pytest.FixtureRequest, kind: str | int
) -> None:
    name = bucket(request)
    proxy.faults += [Fault(kind, FENCE, times=2), Fault(kind, DATA, times=2)]
    assert run(broker, proxy, name).rows == ROWS
    assert [fault.times for fault in proxy.faults] == [0, 0]
    assert_once(client, name)
    before = {**objects(client, name, DATA), **objects(client, name, FENCE)}
    assert set(proxy.replay()) == ({412} if kind in {"repeated", "delayed"} else set())
    assert {**objects(client, name, DATA), **objects(client, name, FENCE)} == before
    assert run(broker, proxy, name).rows == 0
    assert_once(client, name)


def test_a_fence_said_to_be_there_that_is_not_is_asked_for_again(
    broker: EmbeddedBroker, proxy: Proxy, client: Any, request: pytest.FixtureRequest
) -> None:
    proxy.faults.append(Fault(412, FENCE, times=2))
    assert run(broker, proxy, bucket(request)).rows == ROWS
    assert_once(client, bucket(request))


def test_an_object_that_another_wrote_for_us_is_not_written_again(
    broker: EmbeddedBroker, proxy: Proxy, client: Any, request: pytest.FixtureRequest
) -> None:
    def elsewhere(mine: Request) -> None:
        theirs = {**mine.headers, "x-amz-meta-backbeat-attempt": "another"}
        assert proxy.forward(mine._replace(headers=theirs))[0] == 200

    proxy.faults.append(Fault("repeated", DATA, first=elsewhere))
    tally = run(broker, proxy, bucket(request))
    assert (tally.rows, tally.objects) == (ROWS - ROWS // PARTITIONS, PARTITIONS - 1)
    assert_once(client, bucket(request))


@pytest.mark.parametrize("fault", [Fault(409, FENCE), Fault("lost", DATA)], ids=["fence", "data"])
def test_a_fault_that_stays_ends_the_sink_and_the_next_goes_on(
    broker: EmbeddedBroker, proxy: Proxy, client: Any, request: pytest.FixtureRequest, fault: Fault
) -> None:
    name = bucket(request)
    proxy.faults.append(replace(fault, times=1_000))
    with pytest.raises(BackbeatError, match=f"cannot write {fault.concerns}.* within 1 s"):
        run(broker, proxy, name, s3_deadline_seconds=1.0)
    proxy.faults.clear()
    run(broker, proxy, name)
    assert_once(client, name)


def test_the_object_is_put_by_a_signed_request_that_ends(
    broker: EmbeddedBroker, proxy: Proxy, client: Any, request: pytest.FixtureRequest
) -> None:
    proxy.faults.append(Fault(503, DATA))
    run(broker, proxy, bucket(request), sink_put_seconds=60)
    puts = [each for each in proxy.seen if each.method == "PUT" and DATA in each.path]
    assert len(puts) == PARTITIONS + 1
    assert len({each.path for each in puts}) == PARTITIONS  # tried again by the same signature
    fences = [Fence.model_validate_json(body) for body in objects(client, bucket(request), FENCE).values()]
    ends = {fence.data_key: fence.put_expires for fence in fences}
    for put in puts:
        signed = parse_qs(urlsplit(put.path).query)
        begun = datetime.strptime(signed["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        (end,) = [end for key, end in ends.items() if key in unquote(put.path)]
        assert end is not None
        assert begun + timedelta(seconds=int(signed["X-Amz-Expires"][0])) <= end
        (headers,) = signed["X-Amz-SignedHeaders"]
        assert headers.startswith("host;if-none-match;x-amz-checksum-crc32;x-amz-meta-backbeat-attempt")
        assert put.headers["if-none-match"] == "*"
