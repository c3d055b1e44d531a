"""A language model of our own: an OpenAI-compatible endpoint that says what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ModelServer:
    """Gives `answers` in turn: a text is what the model says, a number an HTTP status. Then it invents."""

    def __init__(self) -> None:
        self.answers: list[str | int] = []
        self.questions: list[str] = []
        self.keys: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self.url = ""
        self._invented = 0

    def answer(self, request: dict[str, Any], key: str) -> tuple[int, bytes]:
        self.requests.append(request)
        self.keys.append(key)
        question = request["messages"][-1]["content"]
        self.questions.append(question)
        said = self.answers.pop(0) if self.answers else self.invent(question)
        if isinstance(said, int):
            return said, b'{"error": {"message": "the key sk-secret is not welcome"}}'
        message = {"role": "assistant", "content": said}
        return 200, json.dumps({"choices": [{"index": 0, "message": message}]}).encode()

    def invent(self, question: str) -> str:
        """As many artists and tracks as the question asks for, none ever twice."""
        words = question.split()
        count, tracks = int(words[1]), int(words[words.index("exactly") + 1])
        return told(*(self._next(tracks) for _ in range(count)))

    def _next(self, tracks: int) -> dict[str, Any]:
        self._invented += 1
        return artist(f"Invented {self._invented}", tracks)


def artist(name: str, tracks: int = 2, genre: str = "pop", mood: str = "calm") -> dict[str, Any]:
    titles = [f"{name} {number}" for number in range(tracks)]
    return {"name": name, "genre": genre, "mood": mood, "tracks": titles}


def told(*artists: Any) -> str:
    return json.dumps({"artists": artists})


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """An endpoint on a free port, until the block is left."""
    state = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_known = self.path == "/v1/chat/completions"
            key = self.headers.get("Authorization", "")
            status, body = state.answer(request, key) if is_known else (404, b"")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
