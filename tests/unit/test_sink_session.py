"""A short session still holds several heartbeats."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from consumer.kafka import _membership
from consumer.settings import SinkSettings


@pytest.mark.parametrize(
    ("seconds", "session", "heartbeat"), [(1.5, 1_500, 375), (10, 10_000, 2_500), (60, 60_000, 3_000)]
)
def test_the_heartbeat_follows_the_session(seconds: float, session: int, heartbeat: int) -> None:
    config = _membership(SinkSettings(_env_file=None, sink_session_seconds=seconds))
    assert (config["session.timeout.ms"], config["heartbeat.interval.ms"]) == (session, heartbeat)


def test_the_broker_sets_the_session_of_its_own_protocol() -> None:
    assert _membership(SinkSettings(_env_file=None, sink_group_protocol="consumer")) == {
        "group.protocol": "consumer"
    }


def test_a_session_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="sink_session_seconds"):
        SinkSettings(_env_file=None, sink_session_seconds=0.5)
