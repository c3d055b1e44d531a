"""The named steps of a sink's life, at any of which chaos can end or stop it; folder and S3 alike.

A step is installed into the real code of the process that is to end there: its functions are wrapped.
A name that is no longer there is an error, so that a step cannot silently stop happening.
"""

from __future__ import annotations

import http.client
import os
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import consumer.chain
import consumer.data
import consumer.folder
import consumer.receiver
import consumer.s3
from consumer.folder import FolderStore
from consumer.lander import Lander
from consumer.log import KafkaLog
from consumer.receiver import Receiver
from consumer.s3 import S3Store
from tests.chaos.ledger import Ledger

Function = Callable[..., Any]
FENCE, DATA = "_sink/", "bronze/"
_STORES = (FolderStore, S3Store)


class Moment:
    """Comes several times, in any thread; at the `nth` time the process ends or stands still."""

    def __init__(self, step: str, nth: int, ledger: Ledger) -> None:
        self._step, self._left, self._ledger, self._lock = step, nth, ledger, Lock()

    def comes(self) -> bool:
        """Whether this is the time."""
        with self._lock:
            self._left -= 1
            return self._left == 0

    def act(self) -> None:
        """End as by a power cut, or stand still until told to go on."""
        pauses = self._step.startswith("pause")
        self._ledger.note("stop" if pauses else "kill", self._step)
        os.kill(os.getpid(), signal.SIGSTOP if pauses else signal.SIGKILL)

    def __call__(self) -> None:
        if self.comes():
            self.act()


def wrap(owner: Any, name: str, around: Callable[[Function], Function]) -> None:
    """Put `around(inner)` in the place of `owner.name`; AttributeError when there is none."""
    setattr(owner, name, around(getattr(owner, name)))


def before(owner: Any, name: str, concerns: str = "") -> Function:
    """The moment comes when `owner.name` is called with `concerns` in an argument."""

    def install(moment: Moment) -> None:
        def around(inner: Function) -> Function:
            def call(*args: Any, **kwargs: Any) -> Any:
                if any(concerns in str(arg) for arg in args):
                    moment()
                return inner(*args, **kwargs)

            return call

        wrap(owner, name, around)

    return install


def after(owner: Any, name: str, concerns: str = "") -> Function:
    """The moment comes when `owner.name`, called with `concerns` in an argument, has done its work."""

    def install(moment: Moment) -> None:
        def around(inner: Function) -> Function:
            def call(*args: Any, **kwargs: Any) -> Any:
                answer = inner(*args, **kwargs)
                if any(concerns in str(arg) for arg in args):
                    moment()
                return answer

            return call

        wrap(owner, name, around)

    return install


def both(name: str, concerns: str = "", *, how: Callable[..., Function] = before) -> Function:
    """Before or after `name` of either store."""

    def install(moment: Moment) -> None:
        for store in _STORES:
            how(store, name, concerns)(moment)

    return install


def requests(concerns: str, how: Callable[..., Function]) -> Function:
    """Before or after the one call that makes a fence (or an object) exist: the link, or the PUT."""
    put = ("send", "") if concerns == DATA else ("_created", FENCE)

    def install(moment: Moment) -> None:
        how(os, "link", concerns)(moment)
        how(consumer.s3 if concerns == DATA else S3Store, *put)(moment)

    return install


def mid_body(moment: Moment) -> None:
    """When half of an object's body is written, or sent."""

    def write(inner: Function) -> Function:
        def part(path: Path, body: bytes) -> None:
            if body.startswith(b"PAR1") and moment.comes():
                inner(path, body[: len(body) // 2])
                moment.act()
            else:
                inner(path, body)

        return part

    def send(inner: Function) -> Function:
        def part(session: Any, put: Any, body: bytes) -> None:
            if not moment.comes():
                inner(session, put, body)
                return
            url = urlsplit(put.url)
            connection = http.client.HTTPConnection(url.netloc)
            connection.putrequest("PUT", f"{url.path}?{url.query}")
            for name, value in {**put.headers, "content-length": str(len(body))}.items():
                connection.putheader(name, value)
            connection.endheaders(body[: len(body) // 2])
            moment.act()

        return part

    wrap(consumer.folder, "_write", write)
    wrap(consumer.s3, "send", send)


def leaving(step: Function) -> Function:
    """`step`, but only while partitions are being given back."""

    def install(moment: Moment) -> None:
        inside: list[bool] = []

        def revoke(inner: Function) -> Function:
            def call(*args: Any, **kwargs: Any) -> Any:
                inside.append(True)
                try:
                    return inner(*args, **kwargs)
                finally:
                    inside.pop()

            return call

        wrap(Receiver, "on_revoke", revoke)
        step(lambda: moment() if inside else None)

    return install


KILLS: dict[str, Function] = {
    "before-the-list": both("last"),
    "after-the-list": both("last", how=after),
    "before-reading-the-last-record-again": before(KafkaLog, "latest"),
    "before-the-assignment": after(KafkaLog, "latest"),
    "before-the-permit": both("permit"),
    "before-the-fence": both("create", FENCE),
    "before-the-fences-request": requests(FENCE, before),
    "after-the-fences-request": requests(FENCE, after),
    "after-the-fence": both("create", FENCE, how=after),
    "while-encoding": before(consumer.data, "encode"),
    "mid-body": mid_body,
    "before-the-objects-request": requests(DATA, before),
    "after-the-object-before-the-answer": requests(DATA, after),
    "before-the-commit": before(consumer.receiver, "commit"),
    "after-the-commit": after(consumer.receiver, "commit"),
    "in-the-revocation-before-landing": leaving(before(Lander, "land")),
    "in-the-revocation-before-the-commit": leaving(before(consumer.receiver, "commit")),
    "finishing-before-the-look": both("head", DATA),
    "finishing-before-reading": before(KafkaLog, "read"),
    "finishing-before-the-object": before(consumer.chain, "write"),
    "finishing-after-the-object": after(consumer.chain, "write"),
}
PAUSES: dict[str, Function] = {
    "pause-before-the-permit": both("permit"),
    "pause-before-the-fence": both("create", FENCE),
    "pause-before-the-fences-request": requests(FENCE, before),
    "pause-between-decision-and-object": before(consumer.data, "encode"),
    "pause-before-the-objects-request": requests(DATA, before),
    "pause-finishing-before-the-object": before(consumer.chain, "write"),
}
STEPS = {**KILLS, **PAUSES}
