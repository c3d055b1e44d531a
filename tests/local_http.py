"""What HTTP servers of our own have in common: an answer, and being served on a free port for a block."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Answer:
    """A fault, as a server shows it once."""

    def __init__(self, status: int, body: str = "", **headers: str) -> None:
        self.status, self.body, self.headers = status, body, headers


class Asked(BaseHTTPRequestHandler):
    """GET with its query and POST with its form, as `asked` gets both; `tell` writes an answer."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.asked(parts.path, _values(parts.query))

    def do_POST(self) -> None:
        self.asked(self.path, _values(self.rfile.read(int(self.headers["Content-Length"])).decode()))

    def asked(self, path: str, query: dict[str, str]) -> None:
        self.tell(Answer(404))

    def tell(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(answer.body.encode())

    def log_message(self, *_: object) -> None:
        """Silent."""


def _values(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server on a free port, until the block is left; its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
