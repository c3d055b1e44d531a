"""A proxy in front of an S3 server that treats chosen requests as a bad network and a busy server would."""

from __future__ import annotations

import http.client
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, NamedTuple

ERRORS = {
    400: "ExpiredToken",  # with this status, on AWS
    409: "ConditionalRequestConflict",
    412: "PreconditionFailed",
    500: "InternalError",
    503: "SlowDown",
}


class Request(NamedTuple):
    """One HTTP request, whole."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Fault:
    """What happens to the next `times` requests of `method` (empty: any) for a path that contains `concerns`.

    `kind`: `lost` (done, but the answer never comes), `reset` (the connection breaks within the body),
    `slow` (done after `seconds`), `repeated` (done, and done again by `replay`), `delayed` (not done, reset;
    done by `replay`), or a status that the server answers instead of doing it. `first` runs before that.
    """

    kind: str | int
    concerns: str
    times: int = 1
    first: Callable[[Request], object] = lambda _: None
    method: str = "PUT"
    seconds: float = 1.0


@dataclass
class Proxy:
    """Where to reach it, what it is to do wrong, and what it did: `seen` is kept if `remember`."""

    url: str
    server: str
    faults: list[Fault] = field(default_factory=list)
    kept: list[Request] = field(default_factory=list)
    seen: list[Request] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    remember: bool = True
    lock: Lock = field(default_factory=Lock)

    def fault_for(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets; it is used up by that."""
        with self.lock:
            for fault in self.faults:
                if fault.method in {"", method} and fault.concerns in path and fault.times:
                    fault.times -= 1
                    self.met[str(fault.kind)] += 1
                    return fault
        return None

    def forward(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        """The server's answer."""
        connection = http.client.HTTPConnection(self.server, timeout=20)
        try:
            connection.request(request.method, request.path, request.body, request.headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def break_off(self, request: Request) -> None:
        """Let the server have a part of the body it was promised, and nothing more."""
        connection = http.client.HTTPConnection(self.server, timeout=20)
        try:
            connection.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                connection.putheader(name, value)
            connection.endheaders(request.body)
        finally:
            connection.close()

    def replay(self) -> list[int]:
        """Deliver what was kept, as late as this is called; the statuses."""
        return [self.forward(request)[0] for request in self.kept]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        fault = self.proxy.fault_for(self.command, self.path)
        breaks = fault is not None and fault.kind == "reset"
        body = self.rfile.read(length // 2 if breaks else length)
        request = Request(self.command, self.path, dict(self.headers), body)
        if len(body) < length:  # broken by us, or by a client that was killed within the body
            self.proxy.break_off(request)
            self._reset()
            return
        if self.proxy.remember:
            self.proxy.seen.append(request)
        if fault is None:
            self._answer(*self.proxy.forward(request))
        else:
            fault.first(request)
            if fault.kind == "slow":
                time.sleep(fault.seconds)
            self._fail(fault.kind, request)

    def _fail(self, kind: str | int, request: Request) -> None:
        if isinstance(kind, int):
            body = b"" if self.command == "HEAD" else f"<Error><Code>{ERRORS[kind]}</Code></Error>".encode()
            self._answer(kind, {"Content-Type": "application/xml"}, body)
            return
        if kind in {"repeated", "delayed"}:
            self.proxy.kept.append(request)
        if kind in {"lost", "delayed"}:
            if kind == "lost":
                self.proxy.forward(request)
            self._reset()
        else:
            self._answer(*self.proxy.forward(request))

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
                self.send_header(name, value)
        size = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", size)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _serve  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def fault_proxy(server: str, *, remember: bool = True) -> Iterator[Proxy]:
    """A proxy of `server` (host:port) that behaves until it is given faults."""
    proxy = Proxy("", server, remember=remember)
    listener = _Listener(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
    proxy.url = f"http://127.0.0.1:{listener.server_port}"
    thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
