"""Each bug planted into the sink's real code turns the check of a round red; without it the same is green."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer, TopicPartition

from tests.chaos.ledger import Ledger
from tests.chaos.member import Life, live, server
from tests.chaos.plants import PLANTS
from tests.chaos.verdict import Verdict, judge
from tests.fault_proxy import Fault, Proxy, fault_proxy
from tests.moto_server import AtomicMotoServer
from tests.s3_client import s3_client
from tests.servers import KafkaServer
from tests.tiers import Tier, embedded

ROWS = 300
TOPICS = ("plays",)


@dataclass
class Scene:
    """A broker with one partition of rows, an empty lake, and lives to be led on them."""

    context: ForkServerContext
    base: Life
    ledger: Ledger

    def begin(self, **more: Any) -> ForkServerProcess:
        """A member, in a consumer group of its own."""
        group = f"rival-{time.monotonic_ns()}"
        process = self.context.Process(target=live, args=(replace(self.base, **{"group": group, **more}),))
        process.start()
        return process

    def lead(self, **more: Any) -> int | None:
        """A whole life; its exit code."""
        process = self.begin(**more)
        process.join(40)
        assert not process.is_alive(), self.base.log.read_text()
        return process.exitcode

    def until(self, kind: str, count: int = 1) -> None:
        """Wait for `count` lines of `kind` in the ledger."""
        give_up = time.monotonic() + 30
        while self.ledger.count(kind) < count:
            assert time.monotonic() < give_up, self.base.log.read_text()
            time.sleep(0.01)

    def verdict(self) -> Verdict:
        return judge(self.base.settings, TOPICS, least=0)


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    return server()


@pytest.fixture
def scene(context: ForkServerContext, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Scene]:
    """On the embedded broker, in a folder."""
    with embedded({"plays": 1}) as broker:
        publish(broker.bootstrap)
        with staged(context, tmp_path, broker, request.param) as made:
            yield made


@contextmanager
def staged(
    context: ForkServerContext, folder: Path, broker: Tier, plant: str, **more: Any
) -> Iterator[Scene]:
    """A scene of `broker` with the bug `plant`."""
    settings = {
        "kafka_bootstrap": broker.bootstrap,
        "sink_name": broker.sink_name,
        "lake": str(folder / "lake"),
        "sink_flush_seconds": 0.2,
        "sink_flush_rows": 40,
        "sink_on_gap": "record",
        **more,
    }
    (folder / "lake").mkdir()
    ledger = Ledger(folder / "ledger")
    yield Scene(
        context, Life(settings, TOPICS, ledger.path, folder / "log", plant=plant, messages=30), ledger
    )
    ledger.close()


def publish(bootstrap: str, count: int = ROWS) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    for number in range(count):
        producer.produce("plays", b"%d" % number, partition=0)
    assert producer.flush(20) == 0


def planted(name: str, *, fixture: str = "scene") -> Callable[[Any], Any]:
    """Without a bug, and with the one called `name`."""
    return pytest.mark.parametrize(fixture, ["", name], indirect=True, ids=["sound", name])


def assert_found(scene: Scene, codes: set[str]) -> None:
    """Sound: nothing lost, doubled or altered. Planted: the check finds it, by one of `codes` at least."""
    verdict = scene.verdict()
    if scene.base.plant:
        assert verdict.complaints
        assert verdict.report.codes() & codes, verdict.complaints
    else:
        assert verdict.complaints == []
        assert verdict.report.offsets + verdict.report.gaps == ROWS


def wake_behind_another(scene: Scene, meanwhile: Callable[[], object] = lambda: None) -> None:
    """One stands still before its fence, another lands everything, and then the first goes on."""
    sleeper = scene.begin(step="pause-before-the-fence", log=scene.base.log.with_name("sleeper"))
    scene.until("stop")
    meanwhile()
    scene.lead(until_end=True, settings={**scene.base.settings, "sink_flush_rows": 70})
    others = scene.ledger.count("fence")
    assert sleeper.pid is not None
    os.kill(sleeper.pid, signal.SIGCONT)
    scene.until("fence", others + 1)
    scene.lead(until_end=True)
    sleeper.kill()
    sleeper.join()


@planted("no-if-none-match")
def test_a_store_that_overwrites_is_found(scene: Scene) -> None:
    wake_behind_another(scene)
    assert_found(scene, {"row_duplicated", "fence_overlap", "count_wrong", "hash_wrong", "row_missing"})


@planted("parallel-uploads")
def test_uploads_side_by_side_are_found(scene: Scene) -> None:
    scene.lead(step="after-the-fence", nth=3)
    scene.lead(until_end=True)
    assert_found(scene, {"object_missing", "row_missing"})


@planted("deleted-fence")
def test_a_deleted_fence_is_found(scene: Scene) -> None:
    scene.lead(until_end=True)
    scene.lead(until_end=True, plant="")
    assert_found(scene, {"fence_missing"})


@pytest.fixture
def proxied(
    context: ForkServerContext, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[Scene, Proxy]]:
    """On the embedded broker, in a bucket behind a proxy."""
    moto = AtomicMotoServer()
    moto.start()
    keys = {"s3_access_key_id": "key", "s3_secret_access_key": "secret"}
    client = s3_client(moto.endpoint)
    client.create_bucket(Bucket="lake")
    client.close()
    try:
        with embedded({"plays": 1}) as broker, fault_proxy(moto.endpoint.removeprefix("http://")) as proxy:
            publish(broker.bootstrap)
            more = {"lake": "s3://lake", "s3_endpoint_url": proxy.url, **keys}
            with staged(context, tmp_path, broker, request.param, **more) as made:
                yield made, proxy
    finally:
        moto.stop()


@planted("409-taken-as-fenced", fixture="proxied")
def test_a_conflict_taken_for_a_decision_is_found(proxied: tuple[Scene, Proxy]) -> None:
    scene, proxy = proxied
    proxy.faults.append(Fault(409, "_sink/"))
    scene.lead(until_end=True)
    scene.lead(until_end=True)
    assert_found(scene, {"object_without_fence", "fence_missing", "row_missing"})


@pytest.fixture
def lagging(
    context: ForkServerContext, tmp_path: Path, kafka_server: KafkaServer, request: pytest.FixtureRequest
) -> Iterator[tuple[Scene, Callable[[], None]]]:
    """On Apache Kafka, which drops the first rows when asked to."""
    kafka_server.replace_topics({"plays": 1})
    publish(kafka_server.address)
    where = TopicPartition("plays", 0, 20)
    broker = Tier("real", kafka_server.address, f"sink-{tmp_path.name}", kafka_server.stop)
    with staged(context, tmp_path, broker, request.param, sink_session_seconds=6) as made:
        yield made, lambda: kafka_server.admin.delete_records([where])[where].result(20)


@pytest.mark.real
@planted("named-by-first-offset", fixture="lagging")
def test_fences_named_by_what_was_read_are_found(lagging: tuple[Scene, Callable[[], None]]) -> None:
    scene, drop = lagging
    wake_behind_another(scene, drop)
    assert_found(scene, {"row_duplicated", "fence_overlap", "fence_missing"})


def test_every_planted_bug_has_its_scene() -> None:
    source = Path(__file__).read_text()
    assert [name for name in PLANTS if f'@planted("{name}"' not in source] == []
