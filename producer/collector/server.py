"""The collector's process: one event loop, one core, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import logging
import math
import signal
import socket

import uvicorn

from contracts.errors import BackbeatError
from producer.collector.api import application
from producer.collector.gate import Gate
from producer.collector.journal import note
from producer.collector.outlet import Outlet
from producer.collector.settings import CollectorSettings

_KEEP_ALIVE_S = 75  # longer than balancers and clients keep a connection
_CONNECTIONS = 2_000


def serve(settings: CollectorSettings) -> None:
    """Collect until told to stop, then answer what came in; `BackbeatError` for what it cannot start with."""
    gate = Gate(settings)
    gate.check()
    fatal: list[str] = []

    def end(reason: str) -> None:
        fatal.append(reason)
        server.should_exit = True

    outlet = Outlet(settings, end)
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    with _listening(settings) as listener:
        config = uvicorn.Config(
            application(settings, gate, outlet),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_CONNECTIONS,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=math.ceil(settings.collector_ack_seconds) + 5,
        )
        server = uvicorn.Server(config)
        # uvicorn raises the signal again that has ended it: there is nothing left to do then.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        host, port = listener.getsockname()[:2]
        note("collector_started", url=f"http://{host}:{port}", keys=str(settings.collector_keys))
        server.run([listener])
    note("collector_stopped", pending_events=outlet.pending_events)
    if fatal:
        raise BackbeatError(f"Kafka at {settings.kafka_bootstrap} (BACKBEAT_KAFKA_BOOTSTRAP): {fatal[0]}")


def _listening(settings: CollectorSettings) -> socket.socket:
    address, port = settings.collector_address, settings.collector_port
    try:
        return socket.create_server((address, port), backlog=2_048)
    except (OSError, OverflowError) as error:
        raise BackbeatError(
            f"cannot listen at {address}:{port} (BACKBEAT_COLLECTOR_ADDRESS, BACKBEAT_COLLECTOR_PORT): "
            f"{getattr(error, 'strerror', None) or error}"
        ) from error
