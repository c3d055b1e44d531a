"""The live path's answers, frames, readers and door; Kafka is not asked."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from prometheus_client import CollectorRegistry

from contracts.errors import BackbeatError
from contracts.metrics import exported
from contracts.web.key_file import KeyFile
from contracts.web.refusal import RefusalError
from serving.door import Door, everybody, only
from serving.live import metrics
from serving.live.api import live_application
from serving.live.beginning import Beginning, Places
from serving.live.command import serve_live
from serving.live.document import Now, Rising, Snapshot
from serving.live.happening import End, Start, Track
from serving.live.hub import Hub, Reader
from serving.live.service import Service
from serving.live.watch import Watch
from serving.read import metrics as read_metrics
from serving.settings import LiveSettings
from serving.ticket import ticket
from tests.asgi_client import AsgiClient

T0 = 1_800_000_000.0
TRACK = Track("t", "Jóga", "Björk")


class Clock:
    """A time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def served(folder: Path, clock: Clock, **chosen: object) -> tuple[Service, AsgiClient]:
    """A service that follows nothing, and a client of it at localhost."""
    settings = LiveSettings(collector_keys=folder / "keys.json", **chosen)  # type: ignore[arg-type]
    service = Service(settings, clock)
    door = Door(settings.live_address, settings.collector_keys, settings.live_origins)
    door.check()
    return service, AsgiClient(live_application(settings, door, service))


def start(number: int, country: str = "SE") -> Start:
    return Start(f"u{number}", f"p{number}", country, T0, TRACK, "phone", 100)


def frames(reader: Reader) -> list[dict[str, object]]:
    """What lies in its mailbox."""
    found = []
    while not reader._mailbox.empty():
        found.append(json.loads(reader._mailbox.get_nowait()))
    return found


def test_now_and_rising_are_as_documented(tmp_path: Path, clock: Clock) -> None:
    service, client = served(tmp_path, clock)
    plays = [End(f"u{n}", f"q{n}", "DE", T0 - 5, None, TRACK, counts=True) for n in range(12)]
    earlier = [each._replace(at=T0 - 400, user_id="v", track=Track("s", "S", "S")) for each in plays]
    service.live.hear([*plays, *earlier, *map(start, range(3))], T0)
    service.tick()
    asyncio.run(service.rise(5))
    now = Now.model_validate(client.get("/v1/now?limit=2").json())
    assert (now.listening, now.plays_per_minute, len(now.playing)) == (3, 12, 2)
    assert now.countries is not None
    assert {name: vars(each) for name, each in now.countries.items()} == {
        "DE": {"listening": 0, "plays_per_minute": 12},
        "SE": {"listening": 3, "plays_per_minute": 0},
    }
    here = Now.model_validate(client.get("/v1/now?country=DE").json())
    assert (here.listening, here.plays_per_minute, here.playing, here.countries) == (0, 12, [], None)
    rises = Rising.model_validate(client.get("/v1/rising?minutes=5&country=DE").json())
    assert [(each.track_id, each.listeners, each.score) for each in rises.tracks] == [("t", 12, 2.2)]
    assert (rises.windows_before, client.get("/v1/rising?minutes=60").json()["tracks"]) == (11, [])


@pytest.mark.parametrize("query", ["now?country=se", "now?limit=-1", "rising?minutes=7", "now?limit=x"])
def test_a_wrong_question_is_told_which_parameter(query: str, tmp_path: Path, clock: Clock) -> None:
    _, client = served(tmp_path, clock)
    answer = client.get(f"/v1/{query}")
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(query.split("?")[1].split("=", maxsplit=1)[0])


def test_readers_get_a_snapshot_then_what_has_changed_then_heartbeats(tmp_path: Path, clock: Clock) -> None:
    service, _ = served(tmp_path, clock)
    service.live.hear([start(1)], T0)
    service.tick()
    world, sweden = service.join(None), service.join("SE")
    service.live.hear([start(2, "DE")], T0)
    clock.now += 1
    service.tick()
    snapshot, delta = frames(world)
    assert Snapshot.model_validate(snapshot).listening == 1
    assert (delta["type"], delta["seq"], delta["listening"]) == ("delta", 2, 2)
    assert delta["countries"] == {"DE": {"listening": 1, "plays_per_minute": 0}}
    assert [each["type"] for each in frames(sweden)] == ["snapshot", "delta"]  # the totals are everybody's
    for _ in range(7):
        clock.now += 1
        service.tick()
    assert [each["type"] for each in frames(sweden)] == ["heartbeat"]
    service.hub.quit(sweden)
    service.tick()
    assert set(service._views) == {None}


def test_who_does_not_take_his_frames_is_dropped_and_nobody_waits() -> None:
    hub = Hub(frames=2)
    slow, quick = hub.join(None, "{}"), hub.join(None, "{}")
    for number in range(4):
        hub.publish(None, str(number))
        frames(quick)
    assert slow.slow.is_set()
    assert not quick.slow.is_set()
    assert len(hub) == 1
    hub.quit(slow)
    assert len(hub) == 1
    with pytest.raises(RefusalError, match="Too many"):
        hub.has_room(1)


def test_a_socket_says_what_now_says_and_takes_nothing(tmp_path: Path, clock: Clock) -> None:
    service, client = served(tmp_path, clock)
    service.tick()
    told = client.socket("/ws/live?country=SE", says="hello")
    assert [each["type"] for each in told.frames] == ["snapshot"]
    assert told.closed == 1008
    assert client.socket("/ws/live").closed is None
    assert len(service.hub) == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://elsewhere.example"}, 403),
        ({"host": "rebound.example"}, 403),
        ({"host": "["}, 403),
        ({}, 503),
    ],
)
def test_a_socket_is_denied_before_it_is_one(
    headers: dict[str, str], status: int, tmp_path: Path, clock: Clock
) -> None:
    service, client = served(tmp_path, clock, live_readers=1)
    service.join(None)
    assert client.socket("/ws/live", **headers).denied == status
    assert len(service.hub) == 1


def test_pages_of_this_machine_and_those_named_may_read(tmp_path: Path, clock: Clock) -> None:
    _, client = served(tmp_path, clock, live_origins="https://app.example, https://b.example/")
    for origin in ("http://localhost:8501", "https://app.example", "https://b.example"):
        answer = client.get("/v1/now", origin=origin)
        assert answer.headers["access-control-allow-origin"] == origin
        assert len(client.socket("/ws/live", origin=origin).frames) == 1
    refused = client.get("/v1/now", origin="http://localhost.evil.example")
    assert "access-control-allow-origin" not in refused.headers


def test_elsewhere_a_key_is_needed_that_is_for_reading_everything(tmp_path: Path, clock: Clock) -> None:
    file = KeyFile(tmp_path / "keys.json")
    token = {name: file.create(name, (scope,), user_id=user)[1] for name, scope, user in KEYS}  # type: ignore[arg-type]
    _, client = served(tmp_path, clock, live_address="0.0.0.0")  # noqa: S104 - that is the point
    assert client.get("/v1/now").status_code == 401
    for name, status in {"read": 200, "events": 403, "mine": 403}.items():
        assert client.get("/v1/rising", authorization=f"Bearer {token[name]}").status_code == status
    told = client.socket(f"/ws/live?key={token['read']}", origin="https://x.example")
    assert len(told.frames) == 1
    assert client.socket("/ws/live?key=wrong").denied == 401
    (tmp_path / "keys.json").chmod(0o644)
    assert client.get("/v1/now", authorization=f"Bearer {token['read']}").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_a_ticket_opens_the_socket_for_some_minutes_wherever_the_page_is_from(
    tmp_path: Path, clock: Clock
) -> None:
    file = KeyFile(tmp_path / "keys.json")
    made = {name: file.create(name, (scope,), user_id=user) for name, scope, user in KEYS}  # type: ignore[arg-type]
    key, token = made["read"]
    service, client = served(tmp_path, clock)  # on this machine, where nobody is asked for a key
    assert client.get("/v1/ticket").status_code == 401
    for name, status in {"events": 403, "mine": 403}.items():
        assert client.get("/v1/ticket", authorization=f"Bearer {made[name][1]}").status_code == status
    told = client.get("/v1/ticket", authorization=f"Bearer {token}").json()
    assert told["seconds"] == 300
    assert token not in told["ticket"]
    elsewhere = {"host": "listening.example", "origin": "https://listening.example"}
    path = f"/ws/live?ticket={told['ticket']}"
    assert len(client.socket(path, **elsewhere).frames) == 1
    assert client.socket("/ws/live", **elsewhere).denied == 403
    clock.now += 299.9
    told_over = client.socket(path, goes=False, **elsewhere)
    assert (len(told_over.frames), told_over.closed, len(service.hub)) == (1, 4001, 0)
    clock.now += 0.1
    assert client.socket(path, **elsewhere).denied == 401
    assert client.socket(f"/ws/live?ticket={ticket(key, clock.now + 9_999)}").denied == 401
    fresh = ticket(key, clock.now)
    for wrong in (fresh[:-1] + "x", fresh.replace(".", ".9", 1), "x", f"{fresh}\n"):
        assert client.socket(f"/ws/live?{urlencode({'ticket': wrong})}").denied == 401
    for name in ("events", "mine"):
        assert client.socket(f"/ws/live?ticket={ticket(made[name][0], clock.now)}").denied == 403
    file.revoke(key.key_id)
    assert client.socket(f"/ws/live?ticket={fresh}").denied == 401


KEYS = [("read", "read", ""), ("events", "events", ""), ("mine", "read", "u-1")]


def test_a_users_key_opens_that_users_data_alone(tmp_path: Path) -> None:
    key, _ = KeyFile(tmp_path / "keys.json").create("mine", ("read",), user_id="u-1")
    only(key, "u-1")
    only(None, "u-2")
    for refused in (lambda: only(key, "u-2"), lambda: everybody(key)):
        with pytest.raises(RefusalError):
            refused()


def test_health_is_the_process_and_readiness_what_it_shows() -> None:
    now = [0.0]
    watch = Watch(lambda: now[0], lambda: 1_000.0)
    assert "before its start" in watch.reasons()[0]
    places = Places()
    places.add([Beginning(("plays", 0), 3, 5, is_cut=True)])
    assert not places.rebuilt
    places.passed(("plays", 0), 3, 990_000)
    places.passed(("plays", 0), 4, 995_000)
    watch.look({"plays": 2}, places)
    assert (watch.reasons(), watch.cut_at_ms) == ([], 990_000)
    assert watch.lag() == {"events": 2, "seconds": 5.0}
    watch.trouble("all brokers are down")
    assert watch.reasons() == []  # an election takes no longer
    now[0] = 6.0
    assert watch.reasons() == ["Kafka does not serve: all brokers are down"]
    watch.lacks(["skips"])
    assert watch.reasons() == ["Kafka has no topic skips"]
    assert watch.stuck() == []
    now[0] = 99.0
    assert "Kafka was not asked for 99 s" in watch.stuck()


def test_without_a_kafka_it_does_not_start() -> None:
    with pytest.raises(BackbeatError, match="BACKBEAT_KAFKA_BOOTSTRAP"):
        serve_live(LiveSettings(kafka_bootstrap=""))


def test_the_page_shows_routes_parameters_and_frames(tmp_path: Path, clock: Clock) -> None:
    _, client = served(tmp_path, clock)
    shown = client.get("/docs").text
    for word in ("GET /v1/now", "country", "Snapshot", "Heartbeat", "/ws/live"):
        assert word in shown
    assert client.get("/nothing").json() == {"code": 404, "error": "Not Found"}
    assert "backbeat_live_listening" in client.get("/metrics").text


@pytest.mark.parametrize("registry", [metrics.REGISTRY, read_metrics.REGISTRY])
def test_every_metric_stands_in_the_runbook(registry: CollectorRegistry) -> None:
    runbook = (Path(__file__).parents[2] / "docs/runbook.md").read_text()
    assert [name for name in exported(registry) if f"`{name}`" not in runbook] == []
