"""The audit of a lake on an S3 server, where objects also carry metadata."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from consumer.audit.run import audit
from consumer.progress import Progress
from consumer.settings import SinkSettings
from consumer.sink import Sink
from consumer.store import store_for
from tests.moto_server import AtomicMotoServer
from tests.s3_client import s3_client
from tests.sink_harness import PARTITIONS, publish
from tests.tiers import embedded


@pytest.fixture
def client() -> Iterator[Any]:
    server = AtomicMotoServer()
    server.start()
    found = s3_client(server.endpoint)
    found.create_bucket(Bucket="lake")
    yield found
    found.close()
    server.stop()


def test_metadata_and_objects_on_s3_are_checked(client: Any) -> None:
    with embedded({"plays": PARTITIONS}) as broker:
        settings = SinkSettings(
            _env_file=None,
            kafka_bootstrap=broker.bootstrap,
            lake="s3://lake/some/prefix",
            s3_endpoint_url=client.meta.endpoint_url,
            s3_access_key_id="key",
            s3_secret_access_key="secret",  # noqa: S106
        )
        publish(broker, 90)
        store = store_for(settings.lake, settings)
        assert Sink(settings, store, Progress(), ["plays"]).run(Event(), until_end=True).rows == 90
        report = audit(settings, ["plays"], complete=True)
        assert report.findings == []
        assert (report.offsets, report.compared, report.objects) == (90, 90, PARTITIONS)
        first, second, _ = sorted(store.list("bronze/"), key=lambda key: key.rpartition("/")[2])
        relabel(client, first)
        client.delete_object(Bucket="lake", Key=f"some/prefix/{second}")
        report = audit(settings, ["plays"], grace=0.0)
    assert [(finding.code, finding.key) for finding in report.findings] == [
        ("stamp_wrong", first),
        ("object_missing", second),
        ("row_missing", second),
    ]
    assert (report.lost, report.duplicated) == (30, 0)


def relabel(client: Any, key: str) -> None:
    """The same bytes under the same key, with another's metadata."""
    name = f"some/prefix/{key}"
    found = client.get_object(Bucket="lake", Key=name)
    body, metadata = found["Body"].read(), found["Metadata"] | {"backbeat-count": "7"}
    client.put_object(Bucket="lake", Key=name, Body=body, Metadata=metadata)
