"""compose.yaml without containers: from an event at the collector to those who read what became of it."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import duckdb
import orjson
import pytest
from adbc_driver_postgresql import dbapi

from contracts.events import TOPICS
from infra.metabase.board import Question, read_boards
from serving.build import ensure_profile
from tests.compose_stack import ROOT, Stack
from tests.metabase_server import FakeMetabase, serving
from tests.servers import KafkaServer, PostgresServer, S3Server
from tests.service_harness import until
from tests.snapshot_builder import build_warehouse

pytestmark = pytest.mark.real

STAYING = ("s3", "collector", "sink", "live", "serve", "app")
QUESTIONS = [question for board in read_boards() for question in board.questions]
# What no page reads, and so is not in the fixture.
PLACES = """create table gold.daily_geo_activity as
    select 'country' as level, country_name, played_date as activity_date, count(*) as plays
    from gold.fct_plays join gold.dim_regions using (country) group by all"""
ROLES = "select rolname::text from pg_authid where rolpassword like 'SCRAM-SHA-256$%' order by 1"


@pytest.fixture(scope="module")
def stack(
    running_kafka: KafkaServer,
    running_postgres: PostgresServer,
    running_s3: S3Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """Everything but Airflow, Prometheus and Grafana; Metabase is one of the tests' own."""
    running_kafka.start()
    running_kafka.replace_topics({})
    tell(running_postgres.address, "create role postgres superuser login")
    stack = Stack(tmp_path_factory.mktemp("stack"), running_kafka, running_postgres)
    try:
        (stack.volume("s3") / "lake").mkdir()  # as the image has it
        for name in ("databases", "topics", "keys"):
            stack.do(name)
        stack.start(*STAYING)
        stack.await_health(*STAYING)
        yield stack
    finally:
        stack.close()
        for name in ("airflow", "backbeat", "metabase"):
            tell(running_postgres.address, f"drop database if exists {name} with (force)")
        tell(running_postgres.address, "drop role if exists airflow, metabase, backbeat_reader, postgres")


def tell(uri: str, *statements: str) -> None:
    with dbapi.connect(uri, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def ask(uri: str, query: str) -> list[Any]:
    with dbapi.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def request(address: str, path: str, token: str = "", body: Any = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(address, timeout=20)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    sent = None if body is None else orjson.dumps(body)
    try:
        connection.request("GET" if sent is None else "POST", path, sent, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def events() -> list[dict[str, Any]]:
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    track = {"track_id": "t", "track_title": "Jóga", "artist_name": "Björk", "duration_ms": 300_000}
    shared = {"user_id": "u-1", "occurred_at": moment, "country": "IS"}
    return [
        {**shared, **track, "topic": "playback_started", "event_id": str(uuid4()), "play_id": "p-1"},
        {**shared, "topic": "likes", "event_id": str(uuid4()), "track_id": "t", "liked": True},
    ]


def test_setting_up_is_done_and_done_again_without_change(
    stack: Stack, running_postgres: PostgresServer
) -> None:
    assert stack.do("topics") == f"all {len(TOPICS)} topics are there\n"
    assert stack.do("keys") == ""
    before = ask(running_postgres.address, f"{ROLES}")
    stack.do("databases")
    assert ask(running_postgres.address, ROLES) == before
    assert {"airflow", "backbeat", "backbeat_reader", "metabase"} <= set(before)
    assert {"airflow", "backbeat", "metabase"} <= set(
        ask(running_postgres.address, "select datname::text from pg_database")
    )


def test_kafka_knows_every_property_that_it_is_given(stack: Stack, running_kafka: KafkaServer) -> None:
    given = stack.environment("kafka")
    properties = {
        name.removeprefix("KAFKA_").lower().replace("_", ".")
        for name in given
        if name.startswith("KAFKA_") and name != "KAFKA_HEAP_OPTS"
    }
    assert properties
    assert properties <= running_kafka.known_properties()


def test_an_event_lands_in_the_lake_and_is_seen_live(stack: Stack) -> None:
    token = stack.do("keys", "backbeat", "keys", "create", "web", "--scope", "events").strip()
    reader = (stack.volume("keys") / "app.token").read_text().strip()
    sent = events()
    assert request(stack.address("8040"), "/v1/events", "", sent)[0] == 401
    status, told = request(stack.address("8040"), "/v1/events", token, sent)
    assert (status, orjson.loads(told)["accepted"]) == (200, 2)

    assert request(stack.address("8041"), "/v1/now")[0] == 401
    until(lambda: b"Bj\xc3\xb6rk" in request(stack.address("8041"), "/v1/now", reader)[1])
    lake = stack.volume("s3") / "lake" / "backbeat" / "bronze"
    until(lambda: {path.relative_to(lake).parts[0] for path in lake.rglob("*.parquet")} >= {"likes"})
    checked = stack.do("airflow-scheduler", "backbeat", "lake", "check", "--json")
    assert orjson.loads(checked.splitlines()[-1])


def test_what_is_published_is_read_by_app_api_and_bi(stack: Stack, running_postgres: PostgresServer) -> None:
    reader = (stack.volume("keys") / "app.token").read_text().strip()
    assert request(stack.address("8042"), "/readyz")[0] == 503
    with duckdb.connect(build_warehouse(stack.volume("warehouse") / "warehouse.duckdb")) as warehouse:
        warehouse.execute(PLACES)
    stack.do("airflow-scheduler", "backbeat", "publish")
    stack.do("airflow-scheduler", "backbeat", "publish", "--to", "postgres")

    until(lambda: request(stack.address("8042"), "/readyz")[0] == 200)
    assert request(stack.address("8042"), "/v1/kpis")[0] == 401
    assert request(stack.address("8042"), "/v1/kpis", reader)[0] == 200
    stack.await_health("app", "live", "sink")
    assert ask(gold(running_postgres), "select count(*) > 0 from fct_plays") == [True]


def gold(running_postgres: PostgresServer) -> str:
    """The URI of a BI tool."""
    return running_postgres.address.replace("//backbeat@", "//backbeat_reader@").replace(
        "/postgres", "/backbeat"
    )


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: str(question.title))
def test_a_question_of_metabase_is_answered_by_gold(
    question: Question,
    stack: Stack,
    running_postgres: PostgresServer,
) -> None:
    with dbapi.connect(gold(running_postgres)) as connection, connection.cursor() as cursor:
        cursor.execute(question.sql)
        answer = cursor.fetch_arrow_table()
    assert answer.num_rows
    assert answer.num_rows == 1 or question.display != "scalar"
    drawn = {*question.settings.get("graph.dimensions", []), *question.settings.get("graph.metrics", [])}
    assert drawn <= set(answer.column_names)
    assert drawn or question.display in {"scalar", "table"}


def test_metabase_is_set_up_by_the_command_of_its_service(stack: Stack) -> None:
    password = (stack.secrets / "backbeat_reader_password").read_text()
    metabase = FakeMetabase(lambda details: details["password"] == password)
    with serving(metabase) as address:
        stack.stand_in("3001", address)
        stack.do("metabase-setup")
    (database,) = metabase.held["database"].values()
    assert (database["details"]["user"], database["details"]["dbname"]) == ("backbeat_reader", "backbeat")
    assert len(metabase.held["card"]) == len(QUESTIONS)


def test_dbt_opens_the_lake_with_keys_from_files(stack: Stack) -> None:
    ensure_profile(ROOT)
    program = (
        "import os, sys; from serving.build import ROOT, child_environment, run_dbt\n"
        "from serving.settings import ServingSettings\n"
        "from duckdb_extensions import import_extension; import_extension('httpfs')\n"
        "environment = child_environment(ServingSettings(), os.environ)\n"
        "sys.exit(run_dbt(['run', '--select', 'bronze_likes'], ROOT, environment))"
    )
    stack.do("airflow-scheduler", "python", "-c", program)


def test_all_end_when_they_are_told_to(stack: Stack) -> None:
    codes = stack.end()
    assert {name: code for name, code in codes.items() if name not in {"s3", "app"}} == dict.fromkeys(
        ("collector", "sink", "live", "serve"), 0
    )
