"""The live path as a process: what is sent is seen, by REST and by WebSocket, after a restart too."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from producer.broker import EmbeddedBroker, contract_topics
from tests.servers import KafkaServer
from tests.service_harness import Feed, Service, following, service, until


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    """With twenty plays that were there before, ten of them too old, and rubbish."""
    with EmbeddedBroker(contract_topics(3)) as embedded:
        feed = Feed(embedded.bootstrap)
        for number in range(10):
            feed.event("plays", f"old{number}", 3 * 3600)
            feed.event("plays", f"before{number}", 90.0, country="DE", ms_played=60_000)
        feed.event("playback_started", "listener", 5.0, device="phone")
        feed.raw("plays", b"rubbish")
        feed.flush()
        yield embedded


@pytest.fixture(scope="module")
def live(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = {"kafka_bootstrap": broker.bootstrap, "live_tick_seconds": 0.1, "live_heartbeat_seconds": 0.3}
    with service("live", tmp_path_factory.mktemp("live"), **settings) as running:
        until(lambda: running.ask("/readyz")[0] == 200)
        yield running


@pytest.fixture
def feed(broker: EmbeddedBroker) -> Feed:
    return Feed(broker.bootstrap)


def test_what_was_there_before_it_started_is_counted(live: Service) -> None:
    until(lambda: not live.told("/v1/now")["rebuilding"])
    now = live.told("/v1/now?country=DE")
    assert sum(now["plays_by_minute"]) + now["plays_per_minute"] >= 10
    assert live.metric('backbeat_live_events_left_out{why="outside"}') == 10
    assert live.metric('backbeat_live_bad_records_total{code="malformed",topic="plays"}') == 1
    assert now["lag"] == {"events": 0, "seconds": 0.0}
    assert live.told("/v1/rising?minutes=5")["tracks"] == []


def test_a_start_is_seen_and_its_end_takes_it_back(live: Service, feed: Feed) -> None:
    with following(live) as world, following(live, "?country=NO") as norway:
        assert world.view["listening"] >= 1
        feed.event("playback_started", "anna", country="NO", device="speaker")
        feed.flush()
        norway.until(lambda view: view["listening"] == 1)
        assert [each["user_id"] for each in norway.view["feed"]] == ["anna"]
        world.until(lambda view: view["countries"].get("NO", {}).get("listening") == 1)
        assert live.told("/v1/now?country=NO")["playing"][0]["device"] == "speaker"
        feed.event("skips", "anna", country="NO", position_ms=1_000)
        feed.event("plays", "anna", country="NO", ms_played=1_000, skipped=True)
        feed.flush()
        norway.until(lambda view: view["feed"] == [] and view["plays_per_minute"] == 1)
        world.until(lambda view: view["countries"]["NO"] == {"listening": 0, "plays_per_minute": 1})
        told = live.told("/v1/now")
        world.until(lambda view: view["totals"] == told["totals"])
        assert {name: world.view[name] for name in ("listening", "countries", "lag")} == {
            name: told[name] for name in ("listening", "countries", "lag")
        }


def test_a_reader_that_takes_nothing_is_dropped_and_others_go_on(live: Service, feed: Feed) -> None:
    host, _, port = live.address.partition(":")
    with socket.socket() as deaf, following(live, "?country=FI") as finland:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect((host, int(port)))
        deaf.sendall(
            f"GET /ws/live HTTP/1.1\r\nHost: {live.address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        sent = 0

        def dropped() -> bool:
            nonlocal sent
            for _ in range(20):
                sent += 1
                feed.event("playback_started", f"u{sent}", country="FI", track_title="x" * 2_000)
            feed.flush()
            return live.metric("backbeat_live_readers_dropped_total") > 0

        until(lambda: live.metric("backbeat_live_readers") == 2)
        until(dropped)
        finland.until(lambda view: view["listening"] == sent)
        assert finland.deltas > 5


def test_it_begins_again_with_what_it_had_and_tells_its_readers(
    broker: EmbeddedBroker, tmp_path: Path, feed: Feed
) -> None:
    feed.event("playback_started", "late", country="IS")
    feed.flush()
    views = []
    for _ in range(2):
        with service("live", tmp_path, kafka_bootstrap=broker.bootstrap, live_tick_seconds=0.1) as running:
            until(lambda: running.ask("/readyz")[0] == 200)
            with following(running) as world:
                world.until(lambda view: not view["rebuilding"])
                views.append(world.view)
                code, journal = running.end()
                with pytest.raises(ConnectionClosed) as closed:
                    world.until(lambda _: False)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert (code, journal[-1]["event"]) == (0, "live_stopped")
    assert views[0]["feed"] == views[1]["feed"]
    first, second = ({name: view[name] for name in ("totals", "countries")} for view in views)
    first["countries"] = {name: each["listening"] for name, each in first["countries"].items()}
    second["countries"] = {name: each["listening"] for name, each in second["countries"].items()}
    assert first == second


@pytest.mark.real
def test_on_a_kafka_it_reads_no_further_back_than_it_counts_and_outlives_its_death(
    running_kafka: KafkaServer, tmp_path: Path
) -> None:
    running_kafka.start()
    running_kafka.replace_topics(contract_topics(2), {"message.timestamp.type": "CreateTime"})
    feed = Feed(running_kafka.address)
    for number in range(200):
        feed.event("plays", f"old{number}", 3 * 3600 - number)
    feed.flush()
    for number in range(20):
        feed.event("plays", f"u{number}", 60.0 + number)
    feed.flush()
    settings = {"kafka_bootstrap": running_kafka.address, "live_tick_seconds": 0.1}
    with service("live", tmp_path, **settings) as running, following(running) as world:
        until(lambda: running.ask("/readyz")[0] == 200)
        world.until(lambda view: view["totals"]["plays"] == 20)
        assert running.metric('backbeat_live_events_total{topic="plays"}') == 20
        running_kafka.kill()
        until(lambda: running.ask("/readyz")[0] == 503)
        assert running.ask("/healthz")[0] == 200
        running_kafka.start()
        feed.event("playback_started", "after")
        feed.flush()
        world.until(lambda view: view["listening"] == 1, 60)
        until(lambda: running.ask("/readyz")[0] == 200)
        assert world.view["totals"]["plays"] == 20
