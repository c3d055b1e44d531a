"""What the app makes of the live service's answers, and of none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
import streamlit as st
from pydantic import ValidationError

from serving.settings import AppSettings
from streamlit_app import live

KEY = "0a1b2c3d-0000-0000-0000-000000000000"
TOLD = {"at": "2026-11-21T12:00:30.000Z", "country": None}
RISING = {**TOLD, "minutes": 5, "windows_before": 3}
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("BACKBEAT_LIVE_URL", "http://live.test/")
    for kept in (live._answer, live._ticket):
        kept.clear()
    yield
    for kept in (live._answer, live._ticket):
        kept.clear()


def answering(monkeypatch: pytest.MonkeyPatch, handler: Handler) -> None:
    client = httpx.Client(transport=httpx.MockTransport(handler))
    monkeypatch.setattr(live, "_client", lambda: client)


def test_one_answer_serves_all_who_look(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={**RISING, "tracks": []})

    answering(monkeypatch, handler)
    monkeypatch.setenv("BACKBEAT_LIVE_KEY", KEY)
    assert live.rising("5", "SE") == live.rising("5", "SE")
    [request] = asked
    assert str(request.url) == "http://live.test/v1/rising?minutes=5&country=SE"
    assert request.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(401), "asks for a key: BACKBEAT_LIVE_KEY"),
        (httpx.Response(503), "answered 503"),
        (httpx.Response(200, text="<html>"), "no `backbeat live`"),
        (httpx.Response(200, json={"at": 1}), "no `backbeat live`"),
        (httpx.ConnectError("Connection refused"), "Connection refused"),
        (httpx.ReadTimeout("slow"), "longer than 2 s"),
    ],
)
def test_no_answer_says_why(
    monkeypatch: pytest.MonkeyPatch, answer: httpx.Response | Exception, why: str
) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    answering(monkeypatch, handler)
    with pytest.raises(live.AwayError, match=why):
        live.now()


@pytest.mark.parametrize(
    ("settings", "listens", "where"),
    [
        ({}, "localhost", "ws://127.0.0.1:8041/ws/live"),
        ({"LIVE_URL": "https://localhost/live/"}, "127.0.0.1", "wss://localhost/live/ws/live"),
        ({"LIVE_URL": "http://live:8041"}, "localhost", ""),
        ({}, "0.0.0.0", ""),  # noqa: S104 - who looks may be anywhere
        ({"APP_LIVE_SOCKET": "wss://a.example/ws/live"}, "0.0.0.0", "wss://a.example/ws/live"),  # noqa: S104
        ({"APP_LIVE_SOCKET": "off"}, "localhost", ""),
        (
            {"OIDC_ISSUER": "https://id.example", "APP_LIVE_SOCKET": "wss://a.example/ws/live"},
            "localhost",
            "",
        ),
        ({"OIDC_ISSUER": "https://id.example", "LIVE_KEY": KEY}, "localhost", "ws://127.0.0.1:8041/ws/live"),
    ],
)
def test_where_a_browser_follows_by_itself(
    settings: dict[str, str], listens: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LIVE_URL": "http://127.0.0.1:8041", **settings}.items():
        monkeypatch.setenv(f"BACKBEAT_{name}", value)
    monkeypatch.setattr(st, "get_option", lambda _: listens)
    answering(
        monkeypatch, lambda request: httpx.Response(200, json={"ticket": request.url.path, "seconds": 9})
    )
    ticket = "/v1/ticket" if "LIVE_KEY" in settings and where else ""
    assert live.followed() == (where, ticket)
    assert live.followed("SE") == (f"{where}?country=SE" if where else "", ticket)


@pytest.mark.parametrize(
    ("issuer", "followed"), [("", "ws://127.0.0.1:8041/ws/live"), ("https://id.example", "")]
)
def test_without_a_ticket_nobody_who_had_to_log_in_follows_it(
    issuer: str, followed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"LIVE_KEY": KEY, "OIDC_ISSUER": issuer, "LIVE_URL": "http://127.0.0.1:8041"}
    for name, value in settings.items():
        monkeypatch.setenv(f"BACKBEAT_{name}", value)
    monkeypatch.setattr(st, "get_option", lambda _: "localhost")
    answering(monkeypatch, lambda _: httpx.Response(401))
    assert live.followed() == (followed, "")
    live._answer.clear()
    answering(monkeypatch, lambda _: httpx.Response(200, json={"ticket": "t", "seconds": 9}))
    assert live.followed() == ("ws://127.0.0.1:8041/ws/live", "t")  # it is asked for again


def test_a_socket_is_named_by_its_scheme() -> None:
    for wrong in ("http://a.example", "a.example", "ws://a b"):
        with pytest.raises(ValidationError, match="app_live_socket"):
            AppSettings(app_live_socket=wrong)
