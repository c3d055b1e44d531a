"""The curated zone on S3: whoever asks between any two requests of a publish gets one whole publish."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from consumer.settings import StoreSettings
from consumer.store import store_for
from contracts.errors import BackbeatError
from serving.commands import app
from serving.curated_objects import CURRENT, publish_objects
from tests.s3_client import s3_client

LAKE = "s3://lake/some/prefix"
TABLES = ("dim_tracks", "fct_royalties")


@pytest.fixture
def store(endpoint: str) -> Iterator[Any]:
    """The store of a lake in an empty bucket."""
    settings = StoreSettings(
        _env_file=None,
        s3_endpoint_url=endpoint,
        s3_access_key_id="key",
        s3_secret_access_key="secret",  # noqa: S106 -- any will do for this server
        s3_deadline_seconds=2.0,
    )
    client = s3_client(endpoint)
    client.create_bucket(Bucket="lake")
    yield store_for(LAKE, settings)
    for item in client.list_objects_v2(Bucket="lake").get("Contents", []):
        client.delete_object(Bucket="lake", Key=item["Key"])
    client.delete_bucket(Bucket="lake")
    client.close()


class Watched:
    """A store; a reader looks after every request that changes something."""

    def __init__(self, store: Any, fail_at: int = -1) -> None:
        self._store, self._fail_at, self.seen = store, fail_at, list[int]()

    def create(self, key: str, body: bytes) -> bool:
        self._fail_at -= 1
        if self._fail_at == 0:
            raise BackbeatError("the store is away")
        return bool(self._then_read(self._store.create(key, body)))

    def replace(self, key: str, body: bytes) -> None:
        self._then_read(self._store.replace(key, body))

    def list(self, prefix: str) -> Iterator[str]:
        found: Iterator[str] = self._store.list(prefix)
        return found

    def remove(self, key: str) -> None:
        self._then_read(self._store.remove(key))

    def _then_read(self, answer: Any) -> Any:
        self.seen.append(read(self._store))
        return answer


def read(store: Any) -> int:
    """The number that all tables of the current publish say; 0 while there is none."""
    body = store.get(CURRENT)
    if body is None:
        return 0
    manifest = json.loads(body)
    assert tuple(manifest["tables"]) == TABLES
    tables = [pq.read_table(io.BytesIO(store.get(table["key"]))) for table in manifest["tables"].values()]
    assert [table.num_rows for table in tables] == [table["rows"] for table in manifest["tables"].values()]
    (number,) = {value for table in tables for value in table["n"].to_pylist()}
    return int(number)


def marked(path: Path, number: int) -> Path:
    """A warehouse whose gold says `number` in two tables."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema if not exists gold")
        for table in TABLES:
            query = f"create or replace table gold.{table} as select $n::int as n from range(3)"
            connection.execute(query, {"n": number})
    return path


def versions(store: Any) -> set[str]:
    return {key.split("/")[1] for key in store.list("curated/") if key.count("/") == 2}


def test_readers_see_the_old_publish_or_the_new_one_and_old_ones_go(store: Any, tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    for number in range(1, 5):
        watched = Watched(store)
        published = publish_objects(marked(warehouse, number), watched, keep=2)
        before = watched.seen.index(number)
        assert watched.seen == [number - 1] * before + [number] * (len(watched.seen) - before)
        assert before == 3  # two tables and their manifest are there before anybody is told of them
    assert published.rows == {"dim_tracks": 3, "fct_royalties": 3}
    assert len(versions(store)) == 2
    held = sum(len(store.get(key)) for key in store.list(f"{published.place}/") if key.endswith(".parquet"))
    assert published.size == held


@pytest.mark.parametrize("request_number", [1, 2, 3])
def test_a_publish_that_breaks_off_leaves_what_was_there(
    store: Any, tmp_path: Path, request_number: int
) -> None:
    warehouse = marked(tmp_path / "warehouse.duckdb", 1)
    publish_objects(warehouse, store, keep=1)
    with pytest.raises(BackbeatError, match="away"):
        publish_objects(marked(warehouse, 2), Watched(store, fail_at=request_number), keep=1)
    assert read(store) == 1
    publish_objects(marked(warehouse, 3), store, keep=1)
    assert read(store) == 3


def test_what_died_long_ago_goes_and_what_may_be_under_way_stays(store: Any, tmp_path: Path) -> None:
    store.create("curated/20200101T000000000000Z/fct_plays.parquet", b"half")
    store.create("curated/29990101T000000000000Z/fct_plays.parquet", b"half")
    published = publish_objects(marked(tmp_path / "warehouse.duckdb", 1), store, keep=1)
    assert versions(store) == {published.place.split("/")[1], "29990101T000000000000Z"}


def test_the_command_says_where_it_lies(store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKBEAT_LAKE", LAKE)
    monkeypatch.setenv("BACKBEAT_WAREHOUSE", str(marked(tmp_path / "warehouse.duckdb", 7)))
    command = ["publish", "--to", "parquet", "--json"]
    result = CliRunner().invoke(app, command, obj={"store_for": lambda _: store})
    assert result.exit_code == 0, result.output
    assert f'"snapshot": "{LAKE}/curated/' in result.stdout
    assert read(store) == 7
