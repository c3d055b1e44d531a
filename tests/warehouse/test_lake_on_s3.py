"""A lake on S3 all the way: simulate, land, build, publish, against a local S3 server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.moto_server import AtomicMotoServer
from tests.s3_client import s3_client

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    server = AtomicMotoServer()
    server.start()
    endpoint = server.endpoint
    client = s3_client(endpoint)
    client.create_bucket(Bucket="lake")
    client.close()
    folder = tmp_path_factory.mktemp("s3")
    yield {
        **os.environ,
        "BACKBEAT_LAKE": "s3://lake/some/prefix",
        "BACKBEAT_S3_ENDPOINT_URL": endpoint,
        "BACKBEAT_S3_ACCESS_KEY_ID": "test",
        "BACKBEAT_S3_SECRET_ACCESS_KEY": "test",
        "BACKBEAT_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "BACKBEAT_SNAPSHOTS": str(folder / "snapshots"),
        "BACKBEAT_BROKER_PARTITIONS": "2",
        "DBT_EXCLUDE_RESOURCE_TYPES": "unit_test",  # they bring their own rows: no matter where the lake is
        "DBT_TARGET_PATH": str(folder / "target"),  # the demo's tests run dbt in the project's own, maybe now
        "PYTHONPATH": str(ROOT),
    }
    server.stop()


def backbeat(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "backbeat", *arguments, "--json"]
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_what_was_produced_is_published(environment: dict[str, str]) -> None:
    produced = backbeat(environment, "simulate", "--events", "3000", "--days", "3")
    published = backbeat(environment, "refresh")
    query = "select sum(landed), sum(accepted) from gold.pipeline_freshness"
    show = f"import duckdb; print(duckdb.connect({published['snapshot']!r}).execute({query!r}).fetchone())"
    said = subprocess.run([sys.executable, "-c", show], check=True, capture_output=True, text=True).stdout
    assert said.strip() == str((produced["produced"], produced["expected_accepted"]))
    again = backbeat(environment, "refresh")
    assert (again["built"], again["snapshot"]) == (False, published["snapshot"])
