"""A sink that is watched: what it tells over HTTP and in its log is what it did."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from consumer.folder import FolderStore
from consumer.permit import Permit
from consumer.progress import Progress
from consumer.settings import SinkSettings
from consumer.sink import Sink
from consumer.store import Store, store_for
from consumer.watch.journal import JOURNAL
from consumer.watch.server import serving
from producer.broker import EmbeddedBroker
from tests.fault_proxy import Fault, fault_proxy
from tests.moto_server import AtomicMotoServer
from tests.s3_client import s3_client
from tests.sink_harness import (
    BACKBEAT,
    PARTITIONS,
    assert_exactly_once,
    environment,
    free_port,
    publish,
    rows,
    settings,
    wait_for_commits,
)
from tests.tiers import Tier

Scrape = dict[tuple[str, ...], float]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


def ask(port: int, path: str) -> tuple[int, str]:
    """Status and body; 0 while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except (urllib.error.URLError, ConnectionError):
        return 0, ""


def scrape(port: int) -> Scrape:
    """(name, label values in the order of their names …) → value."""
    families = text_string_to_metric_families(ask(port, "/metrics")[1])
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def health(port: int) -> dict[str, Any]:
    status, body = ask(port, "/healthz")
    return {"status": status, **(json.loads(body) if body else {})}


def await_that(what: Callable[[], bool], seconds: float = 30) -> None:
    give_up = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < give_up, "it never came to that"
        time.sleep(0.05)  # what is asked over HTTP cannot be waited for in another way


@contextmanager
def watched(env: Mapping[str, str], port: int) -> Iterator[subprocess.Popen[str]]:
    """A sink as anybody would start it; its log can be read once it was told to end."""
    chosen = {**env, "BACKBEAT_SINK_METRICS_PORT": str(port), "BACKBEAT_LOG_LEVEL": "debug"}
    command = [*BACKBEAT, "sink", "--json", "--topic", "plays"]
    with subprocess.Popen(command, env=chosen, stdout=-1, stderr=-1, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def end(process: subprocess.Popen[str]) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Tell it to stop: its totals, and its log."""
    process.terminate()
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return json.loads(output.splitlines()[-1]), [json.loads(line) for line in errors.splitlines()]


def test_counters_are_what_landed_and_the_lag_comes_to_nothing(broker: Tier, lake: Path) -> None:
    publish(broker, 300)
    port = free_port()
    with watched(environment(broker, lake), port) as process:
        wait_for_commits(broker, 300)
        await_that(
            lambda: (
                sum(scrape(port).get(("backbeat_sink_lag_rows", str(n), "plays"), 1) for n in (0, 1, 2)) == 0
            )
        )
        found, told = scrape(port), health(port)
        assert ask(port, "/readyz")[0] == 200
        totals, log = end(process)
    assert totals["rows"] == found["backbeat_sink_rows_total", "plays", "accepted"] == 300
    assert found["backbeat_sink_rows_total", "plays", "malformed"] == 0
    assert totals["objects"] == found["backbeat_sink_objects_total", "plays"]
    assert totals["bytes"] == found["backbeat_sink_object_bytes_total", "plays"]
    payload = sum(len(row["payload"]) for row in rows(lake))
    assert found["backbeat_sink_payload_bytes_total", "plays"] == payload
    fences = len(list(lake.glob("_sink/*/*/*/*/*/*.json")))
    assert found["backbeat_sink_fences_total", "won"] == fences == totals["objects"]
    assert found["backbeat_sink_fences_total", "lost"] == 0
    for stage in ("total", "fence", "encode", "put"):
        assert found["backbeat_sink_flush_seconds_count", stage] == totals["objects"]
    assert found["backbeat_sink_partitions_owned", "plays"] == PARTITIONS
    assert found["backbeat_sink_buffered_rows",] == 0
    assert found["backbeat_sink_errors_total", "fatal"] == 0
    assert found["process_resident_memory_bytes",] > 0
    assert (told["status"], told["healthy"], told["owned"]) == (200, True, {"plays": [0, 1, 2]})
    assert told["lag_rows"] == 0
    assert told["seconds_since_landing"] is not None
    events = [line["event"] for line in log]
    assert events[0] == "metrics_served"
    assert events[-1] == "sink_stopped"
    assert log[-1]["rows"] == 300
    assert events.count("object_landed") == totals["objects"]
    assert {"sink_started", "partitions_assigned", "partitions_revoked", "landed"} <= set(events)
    assert ask(port, "/healthz")[0] == 0


def test_what_a_dead_owner_left_is_counted_as_finished(broker: Tier, lake: Path) -> None:
    publish(broker, 300)
    env = environment(broker, lake)
    subprocess.run(
        [sys.executable, Path(__file__).with_name("dying_sink.py"), "before-data"],
        env={**env, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        timeout=60,
        check=False,
    )
    left = len(list(lake.glob("_sink/*/*/*/*/*/*.json"))) - len(list(lake.glob("bronze/**/*.parquet")))
    assert left > 0
    port = free_port()
    with watched(env, port) as process:
        wait_for_commits(broker, 300)
        found = scrape(port)
        _, log = end(process)
    assert found["backbeat_sink_fences_total", "finished"] == left
    finished = [line for line in log if line["event"] == "predecessor_finished"]
    assert len(finished) == left
    assert all(line["partition"].startswith("plays/") for line in finished)
    assert_exactly_once(lake, 300)


@contextmanager
def followed(chosen: SinkSettings, store: Store) -> Iterator[None]:
    """A sink in this process, watched at its port; it is told to stop at the end."""
    stop = Event()
    thread = Thread(target=Sink(chosen, store, Progress(), ["plays"]).run, args=[stop])
    with serving(chosen):
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(60)


class Gate(FolderStore):
    """A store in which objects wait for the gate to open."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.opened = Event()

    def permit(self, key: str, metadata: Mapping[str, str], until: Any) -> Permit:
        create = super().permit(key, metadata, until)

        def wait(body: bytes) -> bool:
            assert self.opened.wait(60)
            return create(body)

        return wait


def test_a_loop_that_hangs_is_told_and_so_is_its_recovery(broker: Tier, lake: Path) -> None:
    publish(broker, 30)
    port = free_port()
    store = Gate(lake)
    with followed(settings(broker, lake, sink_metrics_port=port, sink_stuck_seconds=1.0), store):
        await_that(lambda: health(port)["status"] == 503)
        told = health(port)
        assert re.match(r"the loop has not turned for \d+\.\d s", told["reasons"][0])
        assert told["seconds_since_turn"] > 1
        assert scrape(port)["backbeat_sink_healthy",] == 0
        assert ask(port, "/readyz")[0] == 503
        store.opened.set()
        await_that(lambda: health(port)["status"] == 200)
        await_that(lambda: health(port)["lag_rows"] == 0)
        assert ask(port, "/readyz")[0] == 200
    assert_exactly_once(lake, 30)


@pytest.fixture
def bucket() -> Iterator[str]:
    """A server (host:port) with an empty bucket `lake`."""
    server = AtomicMotoServer()
    server.start()
    client = s3_client(server.endpoint)
    client.create_bucket(Bucket="lake")
    client.close()
    yield server.endpoint.removeprefix("http://")
    server.stop()
    JOURNAL.close()


def test_a_lake_that_fails_is_told_counted_and_logged_without_a_secret(
    bucket: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consumer.watch.health.GRACE_SECONDS", 0.3)
    with EmbeddedBroker({"plays": PARTITIONS}) as started, fault_proxy(bucket) as proxy:
        broker = Tier("embedded", started.bootstrap, "backbeat-sink", started.close)
        publish(broker, 30)
        refusing = Fault(503, "bronze/", times=1_000)
        proxy.faults += [Fault("reset", "_sink/"), refusing]
        port = free_port()
        chosen = SinkSettings(
            _env_file=None,
            kafka_bootstrap=broker.bootstrap,
            lake="s3://lake",
            s3_endpoint_url=proxy.url,
            s3_access_key_id="AKIA-of-a-test",
            s3_secret_access_key="secret-of-a-test",  # noqa: S106
            sasl_password="password-of-a-test",  # noqa: S106
            sink_flush_seconds=0.3,
            sink_metrics_port=port,
        )
        with serving(chosen):
            before = scrape(port)
        JOURNAL.open(chosen)
        with followed(chosen, store_for(chosen.lake, chosen)):
            await_that(lambda: health(port)["status"] == 503)
            (why,) = health(port)["reasons"]
            assert re.fullmatch(r"the lake has been failing for \d+\.\d s: S3 answers 503", why)
            refusing.times = 0
            await_that(lambda: health(port)["status"] == 200)
            wait_for_commits(broker, 30)
            after = scrape(port)
    counted = {name: value - before.get(name, 0) for name, value in after.items()}
    refused = counted["backbeat_sink_s3_requests_total", "5xx"]
    assert refused >= 1
    assert counted["backbeat_sink_rows_total", "plays", "accepted"] == 30
    errors = capsys.readouterr().err
    log = [json.loads(line) for line in errors.splitlines()]
    retries = [line for line in log if line["event"] == "retrying"]
    assert len(retries) == counted["backbeat_sink_s3_retries_total",] == refused + 1
    assert counted["backbeat_sink_errors_total", "lake"] == refused + 1
    assert counted["backbeat_sink_s3_requests_total", "lost"] == 1
    assert {line["level"] for line in retries} == {"warning"}
    assert re.findall(r"\S*-of-a-test|X-Amz-Signature=(?!\*)", errors) == []
