"""Failures are told: what is sent, and that a channel which is down hides nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import StreamRequestHandler, TCPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from serving.schedule.alert import Alert, send
from serving.schedule.settings import AlertSettings

ALERT = Alert("hourly.transform failed", "dbt build failed at fct_plays", "http://localhost/runs/1")


class Hook(BaseHTTPRequestHandler):
    told: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.append(json.loads(body))
        self.send_response(500 if self.path == "/broken" else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


class Mail(StreamRequestHandler):
    """As much SMTP as it takes to be given one mail."""

    told: ClassVar[list[str]] = []

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                self.told.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")


@pytest.fixture
def channels() -> Iterator[AlertSettings]:
    Hook.told.clear()
    Mail.told.clear()
    with HTTPServer(("127.0.0.1", 0), Hook) as hook, TCPServer(("127.0.0.1", 0), Mail) as mail:
        for server in (hook, mail):
            Thread(target=server.serve_forever, daemon=True).start()
        yield AlertSettings(
            alert_webhook=SecretStr(f"http://127.0.0.1:{hook.server_address[1]}/secret"),
            alert_email_to="ops@example.org",
            alert_smtp=f"127.0.0.1:{mail.server_address[1]}",
        )
        hook.shutdown()
        mail.shutdown()


def test_every_channel_is_told_what_failed_and_where_to_look(channels: AlertSettings) -> None:
    assert send(ALERT, channels) == []
    assert Hook.told == [{"text": ALERT.text}]
    (mail,) = Mail.told
    assert "Subject: hourly.transform failed" in mail
    assert "To: ops@example.org" in mail
    assert ALERT.error in mail


def test_a_channel_that_is_down_is_named_without_its_address_and_the_other_is_told(
    channels: AlertSettings, caplog: pytest.LogCaptureFixture
) -> None:
    broken = channels.alert_webhook.get_secret_value().replace("/secret", "/broken")
    failed = send(ALERT, channels.model_copy(update={"alert_webhook": SecretStr(broken)}))
    assert failed == ["BACKBEAT_ALERT_WEBHOOK: answered 500"]
    assert len(Mail.told) == 1
    assert ALERT.text in caplog.text
    assert "127.0.0.1" not in caplog.text


def test_no_channel_is_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    assert send(Alert("only this"), AlertSettings()) == []
    assert caplog.messages == ["only this"]
