"""The doctor's verdicts, and the race that a store must decide for one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from typer.testing import CliRunner

import consumer.doctor.kafka
import consumer.store
from consumer.commands import app
from consumer.doctor.check import Check, Status
from consumer.doctor.lake import check_store
from consumer.folder import FolderStore
from consumer.head import Head
from consumer.race import RACERS, race, refuse_racy
from consumer.settings import SinkSettings
from contracts.errors import BackbeatError


class Racy(FolderStore):
    """Looks whether the key is free and then writes, as some servers do: all look before the first writes."""

    def __init__(self, root: Path, together: int = RACERS) -> None:
        super().__init__(root)
        self._barrier = Barrier(together)

    def create(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        if "race" not in key and "probe" not in key:
            return super().create(key, body, metadata)
        self._barrier.wait(30)
        self._path(key).parent.mkdir(parents=True, exist_ok=True)
        self._path(key).write_bytes(body)
        return True


def verdicts(checks: Sequence[Check]) -> dict[str, Status]:
    return {check.name: check.status for check in checks}


def settings(lake: object, **more: Any) -> SinkSettings:
    return SinkSettings(_env_file=None, lake=str(lake), **more)  # type: ignore[call-arg]


def test_a_folder_passes_and_nothing_of_the_examination_stays(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.create("_sink/doctor/somebody-else", b"stays")
    checks = check_store(store)
    assert set(verdicts(checks).values()) == {Status.OK}
    assert set(verdicts(checks)) == {"store.writable", "store.list", "store.race", "store.clock"}
    assert list(store.list("")) == ["_sink/doctor/somebody-else"]


def test_a_store_that_checks_and_then_acts_is_refused(tmp_path: Path) -> None:
    checks = check_store(Racy(tmp_path))
    (race_check,) = [check for check in checks if check.status is Status.FAIL]
    assert race_check.name == "store.race"
    assert "32 of 32 racing creates of one key won (round 1)" in race_check.detail
    assert "BACKBEAT_LAKE" in race_check.detail


class Torn(FolderStore):
    """Tells one racer that it won and keeps another's bytes."""

    def get(self, key: str) -> bytes | None:
        found = super().get(key)
        return found and b"not " + found


class Refusing(FolderStore):
    """Tells everyone that another was first."""

    def create(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        return False


def test_no_winner_and_a_wrong_winner_are_told_apart(tmp_path: Path) -> None:
    assert race(FolderStore(tmp_path), "a") == ""
    assert race(Refusing(tmp_path), "b") == "0 of 32 racing creates of one key won"
    assert "another's bytes are there" in race(Torn(tmp_path), "c")


def test_the_sink_asks_once_a_day_and_remembers_who_was_asked(tmp_path: Path) -> None:
    store, chosen = FolderStore(tmp_path), settings(tmp_path)
    refuse_racy(store, chosen)
    (marker,) = tmp_path.glob("_sink/probe/*.json")
    refuse_racy(Racy(tmp_path), chosen)  # asked no more
    marker.unlink()
    with pytest.raises(BackbeatError, match=r"32 of 32 .* won.*`backbeat sink doctor`.*BACKBEAT_SINK_PROBE"):
        refuse_racy(Racy(tmp_path), chosen)
    assert list(tmp_path.glob("_sink/probe/*.json")) == []
    refuse_racy(Racy(tmp_path), settings(tmp_path, sink_probe=False))
    refuse_racy(store, chosen)
    with pytest.raises(BackbeatError, match="won"):  # a lake that was copied elsewhere is another lake
        refuse_racy(Racy(tmp_path), settings("s3://elsewhere/lake"))


def test_the_command_starts_no_sink_on_such_a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer.store, "store_for", lambda *_: Racy(tmp_path))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("gc.freeze", lambda: None)
    monkeypatch.setattr("gc.set_threshold", lambda *_: None)
    monkeypatch.setenv("BACKBEAT_LAKE", str(tmp_path))
    result = CliRunner().invoke(app, ["sink"])
    assert isinstance(result.exception, BackbeatError)
    assert "cannot keep exactly-once" in str(result.exception)
    assert result.stdout == ""


class Wrong(FolderStore):
    """A store with one fault."""

    def __init__(self, root: Path, fault: str) -> None:
        super().__init__(root)
        self._fault = fault

    def create(self, key: str, body: bytes, metadata: Mapping[str, str] | None = None) -> bool:
        if self._fault == "full":
            raise BackbeatError("no space (BACKBEAT_LAKE)")
        return super().create(key, body, metadata) or self._fault == "ignores the condition"

    def get(self, key: str) -> bytes | None:
        found = super().get(key)
        return found[1:] if found and self._fault == "cuts" else found

    def head(self, key: str) -> Head | None:
        found = super().head(key)
        if found is None:
            return Head(0) if self._fault == "answers for nothing" else None
        slow = {"slow clock": 60, "very slow clock": 3_600, "fast clock": -60}.get(self._fault, 0)
        assert found.modified is not None
        return replace(found, modified=found.modified - timedelta(seconds=slow))

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        keys = list(super().list(prefix, start_after))
        return iter(keys[:-1] if self._fault == "lists late" else keys)

    def remove(self, key: str) -> None:
        if self._fault == "may not delete":
            raise BackbeatError("refused (BACKBEAT_S3_ACCESS_KEY_ID)")
        super().remove(key)


@pytest.mark.parametrize(
    ("fault", "name", "status"),
    [
        ("full", "store.writable", Status.FAIL),
        ("ignores the condition", "store.writable", Status.FAIL),
        ("cuts", "store.writable", Status.FAIL),
        ("answers for nothing", "store.writable", Status.FAIL),
        ("lists late", "store.list", Status.FAIL),
        ("slow clock", "store.clock", Status.WARN),
        ("fast clock", "store.clock", Status.WARN),
        ("very slow clock", "store.clock", Status.FAIL),
        ("may not delete", "store.cleanup", Status.WARN),
    ],
)
def test_a_fault_of_the_store_is_named(tmp_path: Path, fault: str, name: str, status: Status) -> None:
    checks = check_store(Wrong(tmp_path, fault))
    assert verdicts(checks)[name] is status
    assert all("\n" not in check.detail for check in checks)


GOOD = {"cleanup.policy": "delete", "retention.ms": "604800000", "retention.bytes": "-1"}


@pytest.mark.parametrize(
    ("config", "name", "status", "says"),
    [
        (GOOD, "kafka.cleanup", Status.OK, "delete"),
        (GOOD, "kafka.retention", Status.OK, "retention.ms=604800000"),
        (GOOD | {"cleanup.policy": "compact"}, "kafka.cleanup", Status.WARN, "topic plays: cleanup.policy"),
        (GOOD | {"retention.ms": "60000"}, "kafka.retention", Status.WARN, "a day or more"),
        (GOOD | {"retention.ms": "-1"}, "kafka.retention", Status.OK, "retention.ms=-1"),
        (GOOD | {"retention.bytes": "1000"}, "kafka.retention", Status.WARN, "retention.bytes=1000"),
        (GOOD | {"message.timestamp.type": "CreateTime"}, "kafka.timestamps", Status.OK, "producers'"),
        (GOOD | {"message.timestamp.type": "LogAppendTime"}, "kafka.timestamps", Status.OK, "the broker's"),
    ],
)
def test_topic_settings_are_judged(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, str], name: str, status: Status, says: str
) -> None:
    monkeypatch.setattr(consumer.doctor.kafka, "topic_configs", lambda *_: {"plays": config, "skips": GOOD})
    cluster: Any = SimpleNamespace(cluster_id="real")
    found = consumer.doctor.kafka._configs(cluster, settings("lake"), ["plays", "skips"])
    (check,) = [check for check in found if check.name == name]
    assert check.status is status
    assert says in check.detail


def test_a_user_who_may_not_describe_topics_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> Callable[[], None]:
        raise KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))

    monkeypatch.setattr(consumer.doctor.kafka, "topic_configs", refused)
    cluster: Any = SimpleNamespace(cluster_id="real")
    (check,) = consumer.doctor.kafka._configs(cluster, settings("lake"), ["plays"])
    assert (check.name, check.status) == ("kafka.config", Status.WARN)


def test_the_audit_shares_no_code_with_what_it_checks() -> None:
    forbidden = {f"consumer.{name}" for name in ("batch", "chain", "commit", "data", "decode", "fence")}
    code = f"import sys, consumer.audit.run, consumer.s3; assert not {forbidden!r} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
