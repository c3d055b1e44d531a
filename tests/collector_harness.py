"""A collector as anybody would start it, clients that post to it, and the account of what they were told."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
from confluent_kafka import Consumer, TopicPartition

from contracts.web.key_file import KeyFile

BATCH = 25
LISTEN = {"listened_at": 1_790_000_000, "track_metadata": {"artist_name": "Björk", "track_name": "Jóga"}}
_TOPIC = "likes"


@dataclass(frozen=True)
class Running:
    """A collector's process, where it answers, and tokens that open it."""

    process: subprocess.Popen[str]
    address: str
    token: str
    listen_token: str

    def ask(
        self, method: str, path: str, body: bytes | None = None, timeout: float = 20, **headers: str
    ) -> tuple[int, Any]:
        """Status and document of an answer; raises OSError or HTTPException when there is none."""
        connection = http.client.HTTPConnection(self.address, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return answer.status, orjson.loads(text) if text else None

    def post(self, events: list[dict[str, Any]], timeout: float = 20) -> tuple[int, Any]:
        """A batch."""
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return self.ask("POST", "/v1/events", orjson.dumps(events), timeout, **head)

    def submit(self, document: dict[str, Any]) -> tuple[int, Any]:
        """What a scrobbler sends."""
        head = {"Authorization": f"Token {self.listen_token}"}
        return self.ask("POST", "/1/submit-listens", orjson.dumps(document), **head)

    def end(self, how: int = signal.SIGTERM) -> tuple[int, list[dict[str, Any]]]:
        """Its exit code and its log."""
        self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=30)
        lines = [line for line in errors.splitlines() if line.startswith("{")]
        return self.process.returncode, [json.loads(line) for line in lines]


@contextmanager
def collecting(bootstrap: str, folder: Path, **settings: object) -> Iterator[Running]:
    """A collector with a key for everything."""
    keys = KeyFile(folder / "keys.json")
    _, token = keys.create("web", ("events",))
    _, listen_token = keys.create("phone", ("listens",), "alice", "listenbrainz-alice")
    chosen = {
        "kafka_bootstrap": bootstrap,
        "collector_keys": folder / "keys.json",
        "collector_port": 0,
        "collector_rate": 1_000_000,
        "collector_burst": 1_000_000,
        **settings,
    }
    environment = {f"BACKBEAT_{name.upper()}": str(value) for name, value in chosen.items()}
    command = [sys.executable, "-m", "backbeat", "collector"]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=-1, stderr=-1, text=True
    ) as process:
        try:
            yield Running(process, _address(process), token, listen_token)
        finally:
            process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    """Where it answers, once it does."""
    assert process.stderr is not None
    address = ""
    for line in process.stderr:
        told = json.loads(line) if line.startswith("{") else {}
        if told.get("event") in {"kafka_found", "kafka_lost"}:
            return address
        if told.get("event") == "collector_started":
            address = urlsplit(told["url"]).netloc
        assert line.startswith("{"), line
    raise AssertionError("it never came up")


def likes(count: int) -> list[dict[str, Any]]:
    """Events that differ in their id."""
    shared = {"topic": _TOPIC, "occurred_at": "2026-11-21T12:00:00Z", "track_id": "t", "liked": True}
    return [{**shared, "event_id": str(uuid4()), "user_id": f"u-{number % 50}"} for number in range(count)]


@dataclass
class Account:
    """What clients sent and what they were told; None: there was no answer."""

    sent: int = 0
    accepted: set[str] = field(default_factory=set)
    statuses: list[int | None] = field(default_factory=list)
    slowest: float = 0.0

    def enter(self, answer: tuple[int, Any] | None, events: list[dict[str, Any]], seconds: float) -> None:
        """One request's outcome: each of its events answered, or none of them."""
        self.sent += len(events)
        self.slowest = max(self.slowest, seconds)
        self.statuses.append(answer and answer[0])
        if answer is None or "events" not in answer[1]:
            return
        told = answer[1]["events"]
        assert [each["event_id"] for each in told] == [event["event_id"] for event in events]
        self.accepted |= {each["event_id"] for each in told if each["status"] == "accepted"}


@contextmanager
def load(running: Running, clients: int = 4) -> Iterator[Account]:
    """Clients that post batch after batch until the block ends."""
    account, over = Account(), Event()

    def post() -> None:
        while not over.is_set():
            events, began = likes(BATCH), time.monotonic()
            try:
                answer: tuple[int, Any] | None = running.post(events)
            except (OSError, http.client.HTTPException):
                answer = None
                over.wait(0.05)
            account.enter(answer, events, time.monotonic() - began)

    threads = [Thread(target=post) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield account
    finally:
        over.set()
        for thread in threads:
            thread.join(30)


def await_that(what: Callable[[], bool], seconds: float = 30) -> None:
    """Until it is so."""
    give_up = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < give_up, "it never came to that"
        time.sleep(0.02)  # what clients meet cannot be waited for in another way


def values(bootstrap: str, topic: str = _TOPIC) -> list[bytes]:
    """Every value of the topic."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": uuid4().hex, "log_level": 0})
    partitions = consumer.list_topics(topic, timeout=20).topics[topic].partitions
    found: list[bytes] = []
    for number in partitions:
        _, end = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=20)
        consumer.assign([TopicPartition(topic, number, 0)])
        at = 0
        while at < end:
            for message in consumer.consume(1_000, 1):
                found.append(message.value() or b"")
                at = (message.offset() or 0) + 1
    consumer.close()
    return found
