"""Gold in a real PostgreSQL: whole or not at all, under readers, and for them alone to read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import adbc_driver_manager
import duckdb
import pytest
from adbc_driver_postgresql import dbapi
from pydantic import SecretStr
from typer.testing import CliRunner

from contracts.errors import BackbeatError
from serving.commands import app
from serving.postgres.publish import publish_postgres
from serving.postgres.settings import PostgresSettings
from tests.servers import PostgresServer
from tests.snapshot_builder import build_warehouse

pytestmark = pytest.mark.real


def ask(uri: str, query: str) -> list[tuple[Any, ...]]:
    with dbapi.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def tell(uri: str, *statements: str) -> None:
    with dbapi.connect(uri, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def marked(path: Path, number: int) -> Path:
    """A warehouse whose two gold tables say `number`, one of them as money."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema if not exists gold; create schema if not exists silver")
        for table, query in {
            "dim_tracks": "select 't' || i as track_key, $n::int as n from range(500) as r(i)",
            "fct_royalties": "select 'r' as line_id, $n + 0.000001::decimal(28, 6) as amount",
        }.items():
            connection.execute(f"create or replace table gold.{table} as {query}", {"n": number})
    return path


@pytest.fixture
def database(running_postgres: PostgresServer) -> Iterator[str]:
    """The superuser's URI of a new, empty database."""
    name = f"test_{uuid4().hex[:8]}"
    tell(running_postgres.address, f"create database {name}")
    yield running_postgres.address.replace("/postgres", f"/{name}")
    tell(running_postgres.address, f"drop database {name} with (force)")


@pytest.fixture
def settings(database: str, tmp_path: Path) -> PostgresSettings:
    parts = urlsplit(database)
    return PostgresSettings(
        warehouse=marked(tmp_path / "warehouse.duckdb", 1),
        postgres_port=parts.port or 0,
        postgres_database=parts.path[1:],
        postgres_reader=f"reader_{parts.path[6:]}",
        postgres_reader_password=SecretStr("it's read"),
    )


def as_reader(settings: PostgresSettings, database: str) -> str:
    return database.replace("//backbeat@", f"//{settings.postgres_reader}@")


def test_gold_is_there_with_keys_indexes_and_exact_money(settings: PostgresSettings, database: str) -> None:
    published = publish_postgres(settings)
    assert (published["tables"], published["rows"]) == (2, 501)
    reader = as_reader(settings, database)
    assert ask(reader, "select amount::text, pg_typeof(amount)::text from fct_royalties") == [
        ("1.000001", "numeric")
    ]
    keys = """select table_name, column_name from information_schema.key_column_usage
              where table_schema = 'gold' order by 1"""
    assert ask(database, keys) == [("dim_tracks", "track_key"), ("fct_royalties", "line_id")]
    for statement in ("delete from gold.dim_tracks", "create table gold.mine (n int)", "create schema mine"):
        with pytest.raises(adbc_driver_manager.Error, match=r"read-only|permission denied"):
            tell(reader, "set default_transaction_read_only = off", statement)


def test_every_table_of_a_warehouse_arrives_as_it_is(
    settings: PostgresSettings, database: str, tmp_path: Path
) -> None:
    warehouse = build_warehouse(tmp_path / "whole.duckdb")
    published = publish_postgres(settings.model_copy(update={"warehouse": warehouse}))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = 'gold'"
            ).fetchall()
        ]
        counts = {t: connection.execute(f"select count(*) from gold.{t}").fetchone() for t in tables}
        plays = "select max(ended_at), count(distinct user_id), sum(ms_played)::bigint from gold.fct_plays"
        assert ask(database, plays) == connection.execute(plays).fetchall()
    assert published["tables"] == len(counts)
    assert {table: ask(database, f"select count(*) from gold.{table}")[0] for table in counts} == counts


def test_readers_see_no_error_and_no_mixture_while_gold_is_swapped(
    settings: PostgresSettings, database: str
) -> None:
    publish_postgres(settings)
    last, errors, seen = 12, [], [[0] for _ in range(4)]
    reader = as_reader(settings, database)
    query = (
        "select min(n), max(n), count(*), (select trunc(amount)::int from gold.fct_royalties) "
        "from gold.dim_tracks"
    )

    def read(place: int) -> None:
        try:
            with dbapi.connect(reader, autocommit=True) as connection, connection.cursor() as cursor:
                while seen[place][-1] < last:
                    cursor.execute(query)
                    (low, high, count, money) = cursor.fetchall()[0]
                    assert (low, count) == (high, 500)
                    assert money == low
                    seen[place].append(low)
                    if place % 2:  # half of them log in anew each time
                        assert ask(reader, "select count(*) from dim_tracks") == [(500,)]
        except Exception as error:
            errors.append(error)

    readers = [threading.Thread(target=read, args=(place,), daemon=True) for place in range(4)]
    for thread in readers:
        thread.start()
    for number in range(2, last + 1):
        marked(settings.warehouse, number)
        publish_postgres(settings)
    for thread in readers:
        thread.join(timeout=60)
    assert errors == []
    assert all(numbers == sorted(numbers) and numbers[-1] == last for numbers in seen)
    schemas = "select nspname::text from pg_namespace where nspname like 'gold%'"
    assert ask(database, schemas) == [("gold",)]


@pytest.mark.parametrize(
    ("ruin", "message"),
    [
        ("create view gold.zz as select error('broken model') as n", "broken model"),
        ("insert into gold.fct_royalties select * from gold.fct_royalties", "could not create unique index"),
    ],
)
def test_a_load_that_fails_leaves_what_was_there(
    settings: PostgresSettings, database: str, ruin: str, message: str
) -> None:
    publish_postgres(settings)
    marked(settings.warehouse, 2)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(ruin)
    with pytest.raises(BackbeatError, match=message):
        publish_postgres(settings)
    assert ask(database, "select amount::text from gold.fct_royalties") == [("1.000001",)]
    schemas = "select nspname::text from pg_namespace where nspname like 'gold%'"
    assert ask(database, schemas) == [("gold",)]


def test_what_is_not_ours_is_left_alone(settings: PostgresSettings, database: str) -> None:
    tell(database, "create schema gold", "create table gold.precious (n int)")
    with pytest.raises(BackbeatError, match=r"schema gold .* is not of `backbeat publish`"):
        publish_postgres(settings)
    tell(database, "drop schema gold cascade")
    publish_postgres(settings)
    tell(database, "create view public.mine as select * from gold.dim_tracks")
    with pytest.raises(BackbeatError, match=r"view mine .* reads gold"):
        publish_postgres(settings)
    assert ask(database, "select count(*) from public.mine") == [(500,)]


def test_who_may_not_load_and_a_server_that_is_not_there_are_named(
    settings: PostgresSettings, database: str
) -> None:
    loader = settings.model_copy(update={"postgres_user": f"loader_{settings.postgres_database}"})
    tell(database, f"create role {loader.postgres_user} login")
    with pytest.raises(BackbeatError, match=r"BACKBEAT_POSTGRES_USER\) lacks a right .*permission denied"):
        publish_postgres(loader)
    with pytest.raises(BackbeatError, match=r"127\.0\.0\.1:1/.*BACKBEAT_POSTGRES_HOST"):
        publish_postgres(settings.model_copy(update={"postgres_port": 1}))
    with pytest.raises(BackbeatError, match="BACKBEAT_WAREHOUSE"):
        publish_postgres(settings.model_copy(update={"warehouse": Path("none.duckdb")}))
    tell(
        database,
        f"grant create on database {settings.postgres_database} to {loader.postgres_user}",
        f"create role {settings.postgres_reader} login",
    )
    granted = loader.model_copy(update={"postgres_reader_password": SecretStr("")})
    assert publish_postgres(granted)["tables"] == 2


def test_only_one_publishes_at_a_time(settings: PostgresSettings, database: str) -> None:
    with dbapi.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(7236001945)")
        with pytest.raises(BackbeatError, match="another publish"):
            publish_postgres(settings)


def test_the_command_says_where_gold_went(
    settings: PostgresSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("warehouse", "postgres_port", "postgres_database", "postgres_reader"):
        monkeypatch.setenv(f"BACKBEAT_{name.upper()}", str(getattr(settings, name)))
    result = CliRunner().invoke(app, ["publish", "--to", "postgres", "--json"])
    assert result.exit_code == 0, result.output
    assert f'"snapshot": "{settings.address}, schema gold", "tables": 2' in result.stdout
