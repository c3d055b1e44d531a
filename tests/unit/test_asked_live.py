"""What the app makes of the live service's answers, and of none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from streamlit_app import live, ticker

KEY = "0a1b2c3d-0000-0000-0000-000000000000"
TRACK = {"track_id": "t", "track_title": "<b>Jóga</b>", "artist_name": "Björk"}
TOLD = {"at": "2026-11-21T12:00:30.000Z", "country": None}
RISING = {**TOLD, "minutes": 5, "windows_before": 3}
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("BACKBEAT_LIVE_URL", "http://live.test/")
    live._answer.clear()
    yield
    live._answer.clear()


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


def test_titles_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    riser = {**TRACK, "rank": 1, "listeners": 30, "expected": 4.25, "score": 2.8}
    answering(monkeypatch, lambda _: httpx.Response(200, json={**RISING, "tracks": [riser]}))
    shown = ticker.risers(live.rising("5").tracks)
    assert "<b>Jóga" not in shown
    assert "&lt;b&gt;Jóga" in shown
    assert "30 listeners, 4.2 expected" in shown
    assert "▲ 2.8×" in shown


def test_a_play_shows_how_long_it_has_been_on() -> None:
    play = live.Now.model_validate(
        {
            **TOLD,
            "listening": 1,
            "plays_per_minute": 0,
            "plays_by_minute": [0] * 60,
            "totals": {"started": 1, "plays": 0, "skips": 0},
            "lag": {"events": 0, "seconds": 0.0},
            "rebuilding": False,
            "playing": [
                {**TRACK, "user_id": "u", "play_id": '"x"', "country": "SE", "device": None,
                 "started_at": "2026-11-21T11:59:00.000Z", "ends_at": "2026-11-21T12:02:00.000Z"}
            ],
        }
    )  # fmt: skip
    shown = ticker.feed(play.playing, ticker.moment(play.at), {"SE": "Sweden"}, {'"x"'})
    assert "Sweden" in shown
    assert "1:30 min" in shown
    assert "width:50.0%" in shown
    assert "bb-fresh" in shown
    assert '""x""' not in shown
