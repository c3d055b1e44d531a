"""An ASGI application asked without a socket: over HTTP, and as a WebSocket's reader."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI

_HOST = "localhost:8041"


@dataclass
class Told:
    """What a WebSocket's reader got: the status that denied it, or frames and the code that closed it."""

    denied: int | None = None
    frames: list[dict[str, Any]] = field(default_factory=list)
    closed: int | None = None


@dataclass(frozen=True)
class AsgiClient:
    """Asks `app`, which is not started: no lifespan."""

    app: FastAPI

    def get(self, path: str, **headers: str) -> httpx.Response:
        """The answer to a GET; names of headers with _ for -."""

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{_HOST}") as client:
                return await client.get(path, headers=_named(headers))

        return asyncio.run(asked())

    def socket(
        self, path: str, frames: int = 1, says: str = "", *, goes: bool = True, **headers: str
    ) -> Told:
        """Connect, take `frames`, then say something or, with nothing to say, go; unless it `goes` not."""
        return asyncio.run(self._socket(path, frames, says, {"host": _HOST, **_named(headers)}, goes=goes))

    async def _socket(
        self, path: str, frames: int, says: str, headers: dict[str, str], *, goes: bool
    ) -> Told:
        url, told = urlsplit(path), Told()
        incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        incoming.put_nowait({"type": "websocket.connect"})

        async def send(message: dict[str, Any]) -> None:
            match message["type"]:
                case "websocket.http.response.start":
                    told.denied = message["status"]
                case "websocket.close":
                    told.closed = message["code"]
                case "websocket.send":
                    told.frames.append(json.loads(message["text"]))
                    if len(told.frames) == frames and (says or goes):
                        last = {"type": "websocket.receive", "text": says}
                        incoming.put_nowait(last if says else {"type": "websocket.disconnect", "code": 1000})

        scope = {
            "type": "websocket",
            "scheme": "ws",
            "path": url.path,
            "query_string": url.query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
        }
        await asyncio.wait_for(self.app(scope, incoming.get, send), 10)  # type: ignore[arg-type]
        return told


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
