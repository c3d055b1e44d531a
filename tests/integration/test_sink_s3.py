"""The sink and an S3 server: the same round trip as on a folder."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from confluent_kafka import Producer

from producer.broker import EmbeddedBroker
from tests.s3_client import s3_client

LAKE = "s3://lake/some/prefix"


@pytest.fixture
def client(endpoint: str) -> Iterator[Any]:
    """A plain client of the server, with an empty bucket `lake`."""
    found = s3_client(endpoint)
    found.create_bucket(Bucket="lake")
    yield found
    found.close()


def sink(broker: EmbeddedBroker, endpoint: str, lake: str) -> subprocess.CompletedProcess[str]:
    chosen = {
        "BACKBEAT_KAFKA_BOOTSTRAP": broker.bootstrap,
        "BACKBEAT_LAKE": lake,
        "BACKBEAT_S3_ENDPOINT_URL": endpoint,
        "BACKBEAT_S3_ACCESS_KEY_ID": "key",
        "BACKBEAT_S3_SECRET_ACCESS_KEY": "secret",
    }
    command = [sys.executable, "-m", "backbeat", "sink", "--json", "--until-end", "--topic", "skips"]
    return subprocess.run(
        command, env={**os.environ, **chosen}, capture_output=True, text=True, timeout=90, check=False
    )


def test_the_sink_lands_every_offset_once_on_s3(endpoint: str, client: Any) -> None:
    with EmbeddedBroker({"skips": 2}) as broker:
        missing = sink(broker, endpoint, "s3://nowhere/prefix")
        assert missing.returncode == 1
        assert missing.stderr.count("\n") == 1
        assert "bucket nowhere does not exist" in missing.stderr
        producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
        for number in range(100):
            producer.produce("skips", json.dumps({"number": number}).encode(), partition=number % 2)
        assert producer.flush(20) == 0
        first, second = (sink(broker, endpoint, LAKE) for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["rows"] == 100
    assert json.loads(second.stdout) == {"rows": 0, "objects": 0, "bytes": 0, "malformed": 0}
    keys = [
        item["Key"]
        for item in client.list_objects_v2(Bucket="lake", Prefix="some/prefix/bronze/")["Contents"]
    ]
    bodies = [client.get_object(Bucket="lake", Key=key)["Body"].read() for key in keys]
    found = [row for body in bodies for row in pq.ParquetFile(io.BytesIO(body)).read().to_pylist()]
    assert sorted((r["_offset"], r["_partition"]) for r in found) == [(n // 2, n % 2) for n in range(100)]
    assert {r["_offset"] * 2 + r["_partition"]: json.loads(r["payload"])["number"] for r in found} == {
        number: number for number in range(100)
    }
