"""A group of sinks on Apache Kafka: members that die or pause, brokers that restart, both group protocols."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer, TopicPartition

from tests.account import account
from tests.servers import KafkaServer
from tests.sink_harness import (
    BACKBEAT,
    assert_exactly_once,
    committed,
    environment,
    publish,
    wait_for_commits,
)
from tests.tiers import Tier

pytestmark = [pytest.mark.real, pytest.mark.parametrize("broker", ["real"], indirect=True)]
Member = subprocess.Popen[str]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def join(broker: Tier, lake: Path) -> Iterator[Callable[[str], Member]]:
    """Starts a sink with a group protocol, and returns it once it follows Kafka."""
    members: list[Member] = []

    def start(protocol: str) -> Member:
        env = environment(broker, lake, BACKBEAT_SINK_GROUP_PROTOCOL=protocol)
        command = [*BACKBEAT, "sink", "--json", "--topic", "plays"]
        members.append(member := subprocess.Popen(command, env=env, stdout=-1, stderr=-1, text=True))
        assert member.stderr is not None
        assert "sink_started" in (line := member.stderr.readline()), line
        return member

    yield start
    for member in members:
        member.kill()
        member.communicate()


def leave(member: Member) -> None:
    """End it in good order."""
    member.terminate()
    _, errors = member.communicate(timeout=60)
    assert member.returncode == 0, errors


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_the_partitions_of_a_killed_sink_go_to_the_other(
    broker: Tier, lake: Path, join: Callable[[str], Member], protocol: str
) -> None:
    first, second = join(protocol), join(protocol)
    publish(broker, 600)
    wait_for_commits(broker, 600)
    publish(broker, 600, start=600)
    first.kill()
    publish(broker, 300, start=1200)
    wait_for_commits(broker, 1500)
    leave(second)
    assert_exactly_once(lake, 1500)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_paused_sink_that_wakes_up_lands_nothing_twice(
    broker: Tier, lake: Path, join: Callable[[str], Member], protocol: str
) -> None:
    """SIGSTOP past the session's end: it wakes with rows in its buffer that the other has landed."""
    sleeper = join(protocol)
    publish(broker, 300)
    wait_for_commits(broker, 300)
    publish(broker, 300, start=300)
    sleeper.send_signal(signal.SIGSTOP)
    other = join(protocol)
    publish(broker, 300, start=600)
    wait_for_commits(broker, 900)
    sleeper.send_signal(signal.SIGCONT)
    publish(broker, 300, start=900)
    wait_for_commits(broker, 1200)
    leave(other)
    publish(broker, 30, start=1200)
    wait_for_commits(broker, 1230)
    leave(sleeper)
    assert_exactly_once(lake, 1230)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_members_that_come_and_go_move_nothing_twice(
    broker: Tier, lake: Path, join: Callable[[str], Member], protocol: str
) -> None:
    steady, published = join(protocol), 0
    for _ in range(2):
        guest = join(protocol)
        publish(broker, 300, start=published)
        leave(guest)
        publish(broker, 300, start=published + 300)
        published += 600
    wait_for_commits(broker, published)
    leave(steady)
    assert_exactly_once(lake, published)


def test_a_broker_that_restarts_is_waited_for(
    broker: Tier, lake: Path, join: Callable[[str], Member], kafka_server: KafkaServer
) -> None:
    member = join("classic")
    publish(broker, 300)
    wait_for_commits(broker, 300)
    publish(broker, 300, start=300)
    kafka_server.kill()
    kafka_server.start()
    publish(broker, 300, start=600)
    wait_for_commits(broker, 900)
    leave(member)
    assert_exactly_once(lake, 900)
    assert committed(broker) == sum(len(chain.offsets) for chain in account(lake).values())


def test_partitions_added_while_it_runs_are_landed(
    broker: Tier, lake: Path, join: Callable[[str], Member], kafka_server: KafkaServer
) -> None:
    member = join("classic")
    publish(broker, 300)
    wait_for_commits(broker, 300)
    kafka_server.add_partitions("plays", 4)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    producer.produce("plays", b"in the new one", partition=3)
    assert producer.flush(20) == 0
    give_up = time.monotonic() + 60
    # The object, not its fence: that is there a moment earlier.
    while not list(lake.glob("bronze/plays/**/plays+00003+*.parquet")):
        assert time.monotonic() < give_up
        assert member.poll() is None
        time.sleep(0.2)
    leave(member)
    assert {len(chain.offsets) for (_, partition), chain in account(lake).items() if partition == 3} == {1}


def test_rows_deleted_under_a_sink_that_lags_end_it_in_one_line(
    broker: Tier, lake: Path, join: Callable[[str], Member], kafka_server: KafkaServer
) -> None:
    member = join("classic")
    publish(broker, 300)
    wait_for_commits(broker, 300)
    member.send_signal(signal.SIGSTOP)
    publish(broker, 3_000, start=300)
    where = TopicPartition("plays", 0, 900)
    kafka_server.admin.delete_records([where])[where].result(20)
    member.send_signal(signal.SIGCONT)
    _, errors = member.communicate(timeout=60)
    assert member.returncode == 1
    assert re.match(r"backbeat: plays/0 lost the offsets 1\d\d to 899 before", errors.splitlines()[-1])
    assert max(max(chain.offsets) for (_, number), chain in account(lake).items() if number == 0) < 900
