"""A service's process: its socket, and uvicorn until SIGTERM or Ctrl-C."""

from __future__ import annotations

import logging
import signal
import socket
from typing import Any

import uvicorn

from contracts.errors import BackbeatError

_KEEP_ALIVE_S = 75  # longer than balancers and clients keep a connection


def server(application: Any, *, connections: int, stop_seconds: int, **more: Any) -> uvicorn.Server:
    """A server of the ASGI `application`: one event loop, told nothing but what it is asked.

    Beyond `connections` the answer is 503; requests may take `stop_seconds` more once it was told to stop.
    """
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=connections,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=stop_seconds,
        **{"ws": "none", **more},
    )
    return uvicorn.Server(config)


def run(serving: uvicorn.Server, listener: socket.socket) -> None:
    """Serve at `listener` until told to stop."""
    # uvicorn raises the signal again that has ended it: there is nothing left to do then.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    serving.run([listener])


def listening(address: str, port: int, settings: str) -> socket.socket:
    """A socket that listens; `BackbeatError` that names `settings` where it cannot."""
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return socket.create_server((address, port), family=family, backlog=2_048)
    except (OSError, OverflowError) as error:
        raise BackbeatError(
            f"cannot listen at {address}:{port} ({settings}): {getattr(error, 'strerror', None) or error}"
        ) from error


def url(listener: socket.socket) -> str:
    """Where it answers."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
