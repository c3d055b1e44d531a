"""When a sink calls itself well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from consumer.settings import SinkSettings
from consumer.watch.health import GRACE_SECONDS, HEALTH, Health
from consumer.watch.server import application, serving
from contracts.errors import BackbeatError
from tests.sink_harness import free_port


class Clock:
    """Monotonic seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    found = Health(clock)
    found.began(stuck_after=10.0)
    return found


@pytest.fixture
def global_health() -> Iterator[Health]:
    HEALTH.began(stuck_after=60.0)
    yield HEALTH
    HEALTH.began(stuck_after=60.0)


def test_it_is_well_while_the_loop_turns_and_stuck_when_it_does_not(clock: Clock, health: Health) -> None:
    clock.now += 10
    assert health.reasons() == []
    clock.now += 0.5
    assert health.reasons() == ["the loop has not turned for 10.5 s (BACKBEAT_SINK_STUCK_SECONDS)"]
    health.turned()
    assert health.reasons() == []


def test_a_service_that_fails_is_told_after_the_grace_and_until_it_answers(
    clock: Clock, health: Health
) -> None:
    health.trouble("the lake", "S3 answers 503")
    assert health.reasons() == []
    clock.now += GRACE_SECONDS
    health.trouble("the lake", "S3 answers 500")
    assert health.reasons() == ["the lake has been failing for 5.0 s: S3 answers 500"]
    health.fine("Kafka")
    assert len(health.reasons()) == 1
    health.fine("the lake")
    assert health.reasons() == []
    health.trouble("the lake", "S3 answers 503")
    assert health.reasons() == []  # a new trouble, with a grace of its own


def test_a_sink_that_failed_is_not_well_whatever_turns(health: Health) -> None:
    health.failed("bucket lake does not exist")
    health.turned()
    assert health.reasons() == ["it ends: bucket lake does not exist"]


def test_it_is_ready_once_the_group_has_told_its_share_even_if_that_is_nothing(
    clock: Clock, health: Health
) -> None:
    assert not health.ready()
    health.assigned()
    assert health.ready()
    clock.now += 11
    assert not health.ready()


def test_the_report_says_what_is_owned_and_how_far_behind(clock: Clock, health: Health) -> None:
    health.owns({("plays", 2): 5, ("likes", 0): 0, ("plays", 1): 7})
    clock.now += 1.5
    health.landed()
    clock.now += 2
    assert health.report() == {
        "healthy": True,
        "reasons": [],
        "owned": {"likes": [0], "plays": [1, 2]},
        "lag_rows": 12,
        "seconds_since_turn": 3.5,
        "seconds_since_landing": 2.0,
    }
    health.began(stuck_after=10.0)
    assert health.report()["owned"] == {}
    assert health.report()["seconds_since_landing"] is None


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [({}, 135.0), ({"s3_deadline_seconds": 5.0}, 25.0), ({"sink_stuck_seconds": 7}, 7.0)],
)
def test_the_loop_may_take_as_long_as_the_longest_landing(chosen: dict[str, Any], expected: float) -> None:
    assert SinkSettings(_env_file=None, **chosen).stuck_seconds == expected


def ask(path: str, *secrets: str) -> tuple[str, bytes]:
    """Status line and body of the server's answer."""
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    started: list[str] = []

    def start(status: str, *_: Any) -> Any:
        started.append(status)

    body = b"".join(application(secrets)({**environ, "PATH_INFO": path}, start))
    return started[0], body


def test_the_answers_over_http(global_health: Health) -> None:
    assert ask("/healthz")[0] == "200 OK"
    assert ask("/readyz")[0] == "503 Service Unavailable"
    global_health.assigned()
    assert ask("/readyz")[0] == "200 OK"
    assert ask("/")[0] == "404 Not Found"
    assert b"backbeat_sink_healthy 1.0" in ask("/metrics")[1]
    global_health.failed("no bucket for hunter2 at http://me:pass@host/")
    status, body = ask("/healthz", "hunter2")
    assert status == "503 Service Unavailable"
    assert json.loads(body)["reasons"] == ["it ends: no bucket for *** at http://***@host/"]
    assert b"backbeat_sink_healthy 0.0" in ask("/metrics")[1]


def test_an_address_that_is_taken_is_one_line() -> None:
    chosen = SinkSettings(_env_file=None, sink_metrics_port=free_port())
    expected = rf"cannot listen at 127.0.0.1:{chosen.sink_metrics_port} \(BACKBEAT_SINK_METRICS_ADDRESS"
    with serving(chosen), pytest.raises(BackbeatError, match=expected), serving(chosen):
        pass
    with serving(SinkSettings(_env_file=None)) as port:
        assert port is None
