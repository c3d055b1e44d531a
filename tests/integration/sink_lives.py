"""Sinks that are killed, as by a power cut, or stopped at the steps named on the command line.

usage: sink_lives.py STEP...   (the steps are the keys of STEPS, or `land`: run to the end of the log)

One process a step, forked from this one so that what takes a second to import is imported once. After
each a line is printed: the step and what ended or stopped its process. A stopped one (`pause-…`) goes on
when the steps after it are over; what became of it, and whether it added anything to the lake, are the
last two lines.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, get_ident
from typing import Any

import pandas  # noqa: F401 -- Arrow imports it when it meets the first value, which takes a second
from confluent_kafka import Consumer

import consumer.chain
import consumer.folder
import consumer.kafka
import consumer.receiver
import consumer.sink
from consumer.draft import Draft
from consumer.folder import FolderStore
from consumer.lander import Lander
from consumer.log import KafkaLog
from consumer.progress import Progress
from consumer.receiver import Receiver
from consumer.settings import SinkSettings
from consumer.sink import Sink
from consumer.store import store_for

Function = Callable[..., Any]
stop = Event()


def die(*_: object, **__: object) -> None:
    """Leave no time for anything."""
    os.kill(os.getpid(), signal.SIGKILL)


def pause(*_: object, **__: object) -> None:
    """Stand still, once, until told to go on; then finish what was begun and no more."""
    if not stop.is_set():
        stop.set()
        # To this thread: told to the process, another may take it, and this one goes on until that is run.
        signal.pthread_kill(get_ident(), signal.SIGSTOP)


def before(owner: Any, name: str, concerns: str = "", end: Function = die) -> None:
    """End when `owner.name` is called with `concerns` in an argument."""
    inner = getattr(owner, name)

    def ends_first(*args: Any, **kwargs: Any) -> Any:
        if any(concerns in str(arg) for arg in args):
            end()
        return inner(*args, **kwargs)

    setattr(owner, name, ends_first)


def after(owner: Any, name: str, concerns: str = "") -> None:
    """End when `owner.name`, called with `concerns` in an argument, has done its work."""
    inner = getattr(owner, name)

    def ends_then(*args: Any, **kwargs: Any) -> Any:
        answer = inner(*args, **kwargs)
        if any(concerns in str(arg) for arg in args):
            die()
        return answer

    setattr(owner, name, ends_then)


def mid_body(size: int = 1_000) -> None:
    """End when a part of an object's body has been written."""
    whole = consumer.folder._write

    def part(path: Path, body: bytes) -> None:
        if bytes(body[:4]) == b"PAR1":
            whole(path, body[:size])
            die()
        whole(path, body)

    consumer.folder._write = part


def leaving(end: Function) -> None:
    """Give the partitions back with rows in the buffers, and end on the way, as `end` arranges."""
    take_all = Receiver.take_all

    def take_and_leave(self: Receiver, kafka: Any, messages: Any, now: float) -> None:
        take_all(self, kafka, messages, now)
        if sum(len(partition.buffer) for partition in self.owned.values()) >= 10:
            end()
            self.on_revoke(kafka, [partition.at(0) for partition in self.owned.values()])

    Receiver.take_all = take_and_leave  # type: ignore[method-assign]


STEPS: dict[str, Callable[[], None]] = {
    "before-the-list": lambda: before(FolderStore, "last"),
    "after-the-list": lambda: after(FolderStore, "last"),
    "before-reading-the-last-record-again": lambda: before(KafkaLog, "latest"),
    "before-the-assignment": lambda: after(KafkaLog, "latest"),
    "before-the-fence": lambda: before(FolderStore, "create", "_sink/backbeat"),
    "before-the-fences-link": lambda: before(os, "link", "_sink/backbeat"),
    "after-the-fences-link": lambda: after(os, "link", "_sink/backbeat"),
    "after-the-fence": lambda: after(FolderStore, "create", "_sink/backbeat"),
    "while-encoding": lambda: before(Draft, "finish"),
    "mid-body": mid_body,
    "before-the-objects-link": lambda: before(os, "link", "bronze/"),
    "after-the-object-before-the-answer": lambda: after(os, "link", "bronze/"),
    "before-the-commit": lambda: before(consumer.receiver, "commit"),
    "after-the-commit": lambda: after(consumer.receiver, "commit"),
    "in-the-revocation-before-landing": lambda: leaving(lambda: before(Lander, "land")),
    "in-the-revocation-before-the-commit": lambda: leaving(lambda: before(consumer.receiver, "commit")),
    "finishing-before-the-look": lambda: before(FolderStore, "head", "bronze/"),
    "finishing-before-reading": lambda: before(KafkaLog, "read", "plays"),
    "finishing-before-the-object": lambda: before(consumer.chain, "write"),
    "finishing-after-the-object": lambda: after(consumer.chain, "write"),
    "pause-before-the-fence": lambda: before(FolderStore, "create", "_sink/backbeat", end=pause),
    "pause-before-the-object": lambda: before(Draft, "finish", end=pause),
    "land": lambda: None,
}


def quickly(step: str) -> None:
    """Land a few rows at a time, and wait for no dead member of the group to be missed.

    Those to be killed are in a group of their own each: so not even Kafka keeps one from another's rows.
    The stopped ones share theirs with who lands instead of them, and are missed within a second.
    """
    group = {} if step.startswith(("pause", "land")) else {"group.id": f"backbeat-sink-{step}"}
    timing = {"session.timeout.ms": 1_000, "heartbeat.interval.ms": 200}

    def quick_consumer(config: dict[str, Any], **options: Any) -> Consumer:
        return Consumer(config | timing | group, **options)

    consumer.kafka.Consumer = quick_consumer  # type: ignore[misc, assignment]
    consumer.sink._MESSAGES = 30
    consumer.sink._POLL_SECONDS = 0.05


def live(step: str) -> None:
    """One sink's life."""
    signal.alarm(30)
    settings = SinkSettings()
    quickly(step)
    STEPS[step]()
    store = store_for(settings.lake, settings)
    Sink(settings, store, Progress(), ["plays"]).run(stop, until_end=step == "land")


def fork(step: str) -> int:
    """A process that lives up to `step`; its id."""
    process = os.fork()
    if process == 0:
        live(step)
        os._exit(0)
    return process


def objects() -> dict[Path, tuple[int, int]]:
    """Every fence and object in the lake, and what would tell that it had been written again."""
    paths = [*Path(SinkSettings().lake).rglob("*.json"), *Path(SinkSettings().lake).rglob("*.parquet")]
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


def tell(step: str, status: int) -> None:
    """One line: what became of the process."""
    if os.WIFSTOPPED(status):
        end = "stopped"
    else:
        end = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"exit {status >> 8}"
    print(step, end, flush=True)  # noqa: T201


def main(steps: list[str]) -> None:
    """Each life in turn, and then the stopped ones to their end."""
    stopped = []
    for step in steps:
        process = fork(step)
        _, status = os.waitpid(process, os.WUNTRACED)
        tell(step, status)
        if os.WIFSTOPPED(status):
            stopped.append((step, process))
    for step, process in stopped:
        found = objects()
        os.kill(process, signal.SIGCONT)
        tell(step, os.waitpid(process, 0)[1])
        print("lake", "unchanged" if objects() == found else "changed", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
