"""One life of a sink: a process forked from a server that has imported everything and started nothing.

Importing takes two seconds and forking twenty milliseconds; so a thousand kills fit into minutes.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.context import ForkServerContext
from pathlib import Path
from threading import Event
from typing import Any

import boto3
import pandas  # noqa: F401 -- Arrow imports it when it meets the first value, which takes a second

import consumer.chain
import consumer.folder
import consumer.sink
from consumer.commit import Committer
from consumer.progress import Progress
from consumer.settings import SinkSettings
from consumer.sink import Sink
from consumer.store import store_for
from contracts.errors import BackbeatError
from tests.chaos.ledger import Ledger
from tests.chaos.moments import Moment, wrap
from tests.chaos.plants import PLANTS
from tests.chaos.steps import STEPS

CRASHED = 70
_PR_SET_PDEATHSIG = 1
_COLLECT_EVERY = 200_000  # as the command line sets it
# Reading S3's description takes 0.2 s; the forked children find it read.
boto3.client("s3", region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-").close()  # noqa: S106


@dataclass(frozen=True)
class Life:
    """What a member is told. It ends (or pauses) when `step` comes the `nth` time.

    `group` is a consumer group of its own, in which not even Kafka keeps it from another's partitions;
    empty: the sink's. `plant` names a bug in its code; with `full` its disk has no room.
    `messages` is how many it takes from Kafka at a time at most; 0: as ever.
    """

    settings: Mapping[str, Any]
    topics: tuple[str, ...]
    ledger: Path
    log: Path
    step: str = ""
    nth: int = 1
    group: str = ""
    plant: str = ""
    until_end: bool = False
    full: bool = False
    messages: int = 0
    tuning: Mapping[str, Any] = field(default_factory=dict)


def server() -> ForkServerContext:
    """Where lives are forked from; started by the first."""
    context = ForkServerContext()
    context.set_forkserver_preload(["tests.chaos.member", "tests.chaos.feed"])
    return context


def own_process(log: Path) -> None:
    """Die with whoever started us, leave Ctrl-C to them, and say everything into `log`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for stream in (1, 2):
        os.dup2(file, stream)


def live(life: Life) -> None:
    """The whole life; exit 0, or 1 with one line, or CRASHED with a trace."""
    own_process(life.log)
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY)
    try:
        _run(life, stop)
    except BackbeatError as error:
        os.write(2, f"backbeat: {error}\n".encode())
        sys.exit(1)
    except BaseException:
        os.write(2, traceback.format_exc().encode())
        sys.exit(CRASHED)


def _run(life: Life, stop: Event) -> None:
    ledger = Ledger(life.ledger)
    settings = SinkSettings(_env_file=None, **life.settings)
    tuning = {**life.tuning, **({"group.id": life.group} if life.group else {})}
    if tuning:
        wrap(consumer.sink, "connect", lambda connect: partial(connect, tuning=tuning))
    if life.full:
        wrap(consumer.folder, "_write", _without_room)
    if life.plant:
        PLANTS[life.plant]()
    if life.messages:
        wrap(consumer.sink, "_MESSAGES", lambda _: life.messages)
    _count(ledger)
    if life.step:
        STEPS[life.step](Moment(life.step, life.nth, ledger))
    store = store_for(settings.lake, settings)
    Sink(settings, store, Progress(), life.topics).run(stop, until_end=life.until_end)


def _without_room(write: Callable[[Path, bytes], None]) -> Callable[[Path, bytes], None]:
    """As a full disk does it: a part is written, and then there is no room."""

    def part(path: Path, body: bytes) -> None:
        write(path, body[: len(body) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return part


def _count(ledger: Ledger) -> None:
    """Note each fence that is won or lost, and each predecessor that is finished."""

    def land(inner: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            landed = inner(*args)
            ledger.note("fence", "lost" if landed is None else "won")
            return landed

        return call

    def finish(inner: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            tally = inner(*args)
            ledger.note("fence", "finished")
            return tally

        return call

    wrap(Committer, "land", land)
    wrap(consumer.chain, "finish", finish)
