"""The named steps of a sink's life, at any of which chaos can end or stop it; folder and S3 alike."""

from __future__ import annotations

import http.client
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import consumer.chain
import consumer.folder
import consumer.receiver
import consumer.s3
from consumer.draft import Draft
from consumer.folder import FolderStore
from consumer.lander import Lander
from consumer.log import KafkaLog
from consumer.receiver import Receiver
from consumer.s3 import S3Store
from tests.chaos.moments import Function, Moment, after, before, wrap

FENCE, DATA = "_sink/", "bronze/"
_STORES = (FolderStore, S3Store)


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


@dataclass(frozen=True)
class _Half:
    """A session that sends half of a request's body, and then its moment has come."""

    moment: Moment

    def send(self, request: Any) -> None:
        url = urlsplit(request.url)
        connection = http.client.HTTPConnection(url.netloc)
        connection.putrequest(request.method, f"{url.path}?{url.query}")
        for name, value in request.headers.items():
            connection.putheader(name, value)
        connection.endheaders(request.body[: len(request.body) // 2])
        self.moment.act()


def mid_body(moment: Moment) -> None:
    """When half of an object's body is written, or sent."""

    def write(inner: Function) -> Function:
        def part(path: Path, body: bytes) -> None:
            if bytes(body[:4]) == b"PAR1" and moment.comes():
                inner(path, body[: len(body) // 2])
                moment.act()
            else:
                inner(path, body)

        return part

    def send(inner: Function) -> Function:
        def part(session: Any, put: Any, body: bytes) -> None:
            inner(_Half(moment) if moment.comes() else session, put, body)

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
    "while-decoding": before(Draft, "add"),
    "while-finishing-the-file": before(Draft, "finish"),
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
    "pause-between-decision-and-object": before(Draft, "finish"),
    "pause-before-the-objects-request": requests(DATA, before),
    "pause-finishing-before-the-object": before(consumer.chain, "write"),
}
STEPS = {**KILLS, **PAUSES}
