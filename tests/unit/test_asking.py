"""Asking over HTTP: what is asked again, when, and what is said in the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from contracts.errors import BackbeatError
from producer.asking import Patience, Service, retry_after
from producer.away import AwayError

Answers = list[httpx.Response | Exception]


def ask(answers: Answers, waits: list[float], ended: Callable[[], bool] = lambda: False) -> str:
    def answer(request: httpx.Request) -> httpx.Response:
        given = answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    def read(response: httpx.Response) -> str:
        return str(response.json()["said"])

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        service = Service("S (BACKBEAT_S)", client, Patience(attempts=4, pause=waits.append, ended=ended))
        return service.ask("GET", "http://s/x", read)


def good() -> httpx.Response:
    return httpx.Response(200, json={"said": "yes"})


def busy(status: int, wait: str) -> httpx.Response:
    return httpx.Response(status, headers={"Retry-After": wait})


def test_an_answer_is_read_at_once() -> None:
    waits: list[float] = []
    assert ask([good()], waits) == "yes"
    assert waits == []


def test_faults_are_asked_again_after_longer_and_longer_waits() -> None:
    waits: list[float] = []
    answers: Answers = [httpx.Response(500), httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), good()]
    assert ask(answers, waits) == "yes"
    assert len(waits) == 3
    assert 1 <= waits[0] < waits[1] < waits[2] <= 6


def test_a_wish_to_wait_is_obeyed_to_the_second() -> None:
    waits: list[float] = []
    assert ask([busy(429, "7"), busy(503, "0"), good()], waits) == "yes"
    assert waits == [7, 0]


def test_a_wish_to_wait_for_hours_is_told_at_once() -> None:
    waits: list[float] = []
    with pytest.raises(AwayError, match=r"^S \(BACKBEAT_S\) answered 429 and asks to wait 74,214 s$") as told:
        ask([busy(429, "74214"), good()], waits)
    assert (told.value.wait_s, waits) == (74_214, [])


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b"\xff\xfe", b'{"said": '])
def test_what_cannot_be_read_is_asked_again(body: bytes) -> None:
    def read_error() -> httpx.Response:
        return httpx.Response(200, content=body)

    def read(response: httpx.Response) -> str:
        answer = response.json()
        if not isinstance(answer, dict) or "said" not in answer:
            raise ValueError("no answer")
        return str(answer["said"])

    answers = [read_error(), good()]
    with httpx.Client(transport=httpx.MockTransport(lambda _: answers.pop(0))) as client:
        assert Service("S", client, Patience(pause=lambda _: None)).ask("GET", "http://s/x", read) == "yes"


def test_who_stays_away_is_named_after_the_last_try() -> None:
    waits: list[float] = []
    with pytest.raises(AwayError, match=r"^S \(BACKBEAT_S\) does not answer: refused$"):
        ask([httpx.ConnectError("refused")] * 4, waits)
    assert len(waits) == 3


def test_it_ends_early_when_told_to() -> None:
    waits: list[float] = []
    with pytest.raises(AwayError, match="answered 502"):
        ask([httpx.Response(502)] * 4, waits, ended=lambda: len(waits) == 1)
    assert len(waits) == 1


def test_a_secret_that_fits_no_header_is_not_quoted() -> None:
    with pytest.raises(BackbeatError) as told:
        ask([httpx.LocalProtocolError("Illegal header value b'Bearer secret\\n'")], [])
    assert "secret" not in str(told.value)


def test_an_address_that_is_none_is_said_and_not_asked_again() -> None:
    with httpx.Client() as client, pytest.raises(BackbeatError, match=r"^S cannot be asked: "):
        Service("S", client, Patience()).ask("GET", "floppy://s", lambda response: response)


def test_dates_are_read_too() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 < (retry_after(soon) or 0) <= 90
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("9" * 400) == retry_after("Wed, 21 Oct 9000 07:28:00 GMT") == 604_800
    assert [retry_after(text) for text in ("", "soon", "-3", "1.5")] == [None] * 4
