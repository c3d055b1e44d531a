"""A service of the serving room as anybody would start it, its readers, and events for it."""

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
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
from confluent_kafka import Producer
from websockets.sync.client import ClientConnection, connect

from serving.live.view import View, applied


@dataclass(frozen=True)
class Service:
    """Its process, where it answers, and the file of its journal."""

    process: subprocess.Popen[bytes]
    address: str
    journal: Path

    def ask(self, path: str, **headers: str) -> tuple[int, Any, dict[str, str]]:
        """Status, document and headers (lower case) of the answer to a GET."""
        connection = http.client.HTTPConnection(self.address, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", path, headers=named)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        is_json = (answer.getheader("content-type") or "").startswith("application/json")
        told = orjson.loads(text) if is_json and text else text.decode()
        return answer.status, told, {name.lower(): value for name, value in answer.getheaders()}

    def told(self, path: str) -> Any:
        """The document of an answer that must be 200."""
        status, document, _ = self.ask(path)
        assert status == 200, (path, status, document)
        return document

    def metric(self, line: str) -> float:
        """The value of the metric `line`, with its labels; 0 where there is none."""
        found = [
            each.split()[-1] for each in self.told("/metrics").splitlines() if each.startswith(f"{line} ")
        ]
        return float(found[0]) if found else 0.0

    def end(self, how: int = signal.SIGTERM) -> tuple[int, list[dict[str, Any]]]:
        """Its exit code and its journal."""
        self.process.send_signal(how)
        code = self.process.wait(30)
        return code, [json.loads(line) for line in self.journal.read_text().splitlines()]


@contextmanager
def service(command: str, folder: Path, **settings: object) -> Iterator[Service]:
    """`backbeat <command>` at a port of its own, once it is ready."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = {f"{command}_port": 0, "collector_keys": folder / "keys.json", **settings}
    environment = {f"BACKBEAT_{name.upper()}": str(value) for name, value in chosen.items()}
    journal = folder / f"{command}-{uuid4().hex[:8]}.log"
    with journal.open("wb") as log:
        line = [sys.executable, "-m", "backbeat", command]
        process = subprocess.Popen(line, env={**os.environ, **environment}, stdout=log, stderr=log)
    try:
        until(lambda: "_started" in journal.read_text() or process.poll() is not None)
        assert process.poll() is None, journal.read_text()
        told = map(json.loads, journal.read_text().splitlines())
        url = next(each["url"] for each in told if each["event"].endswith("_started"))
        yield Service(process, urlsplit(url).netloc, journal)
    finally:
        process.kill()
        process.wait()


def until(what: Callable[[], bool], seconds: float = 30) -> None:
    """Until it is so."""
    give_up = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < give_up, "it never came to that"
        time.sleep(0.02)  # what a process shows cannot be waited for in another way


class Follower:
    """A reader of /ws/live that keeps its view as the documents say."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.view: View = json.loads(socket.recv(20))
        assert self.view.pop("type") == "snapshot"
        self.deltas = 0

    def until(self, what: Callable[[View], bool], seconds: float = 20) -> None:
        """Follow until the view is so."""
        give_up = time.monotonic() + seconds
        while not what(self.view):
            frame = json.loads(self._socket.recv(max(give_up - time.monotonic(), 0.01)))
            if frame.pop("type") == "delta":
                assert frame["seq"] > self.view["seq"]
                self.view = applied(self.view, frame)
                self.deltas += 1


@contextmanager
def following(running: Service, query: str = "") -> Iterator[Follower]:
    """A reader, with its snapshot."""
    with connect(f"ws://{running.address}/ws/live{query}", max_queue=None) as socket:
        yield Follower(socket)


class Feed:
    """Events into Kafka, acknowledged when `flush` returns."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0, "linger.ms": 5})

    def event(self, topic: str, user: str, ago_s: float = 0.0, **fields: object) -> None:
        """One that occurred `ago_s` ago, and was published then."""
        at = time.time() - ago_s
        moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        shared = {"event_id": str(uuid4()), "schema_version": 1, "source": "test", "country": "SE"}
        # An hour's length: nothing ends by itself while a test looks.
        track = {"track_id": "t", "track_title": "Jóga", "artist_name": "Björk", "duration_ms": 3_000_000}
        event = {**shared, **track, "user_id": user, "occurred_at": moment, "play_id": f"p-{user}", **fields}
        self.raw(topic, orjson.dumps(event), user, at)

    def raw(self, topic: str, value: bytes, user: str = "x", at: float | None = None) -> None:
        """Any value."""
        stamp = int((time.time() if at is None else at) * 1000)
        self._producer.produce(topic, value, user, timestamp=stamp)

    def flush(self) -> None:
        """Until Kafka has all of it."""
        assert self._producer.flush(20) == 0
