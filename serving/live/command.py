"""The live path's process: one event loop, one core, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import socket

from contracts.errors import BackbeatError
from contracts.web.journal import note
from contracts.web.server import listening, run, server, url
from serving.door import Door
from serving.live.api import live_application
from serving.live.service import Service
from serving.settings import LiveSettings

_OTHERS = 200  # connections beside those of readers
_STOP_S = 5
_PING_S = 20.0
_LOST_MS = 30_000
_SEND_BYTES = 131_072
_WHERE = "BACKBEAT_LIVE_ADDRESS, BACKBEAT_LIVE_PORT"


def serve_live(settings: LiveSettings) -> None:
    """Serve until told to stop; `BackbeatError` for what it cannot start with."""
    if not settings.kafka_bootstrap:
        raise BackbeatError(
            "BACKBEAT_KAFKA_BOOTSTRAP is empty: name a Kafka, or start one with `backbeat broker`"
        )
    door = Door(settings.live_address, settings.collector_keys, settings.live_origins)
    door.check()
    service = Service(settings)
    with listening(settings.live_address, settings.live_port, _WHERE) as listener:
        # Else the kernel keeps up to 4 MiB for each reader, minutes of frames, before anybody notices.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # What was sent to a reader that is gone or takes nothing is kept no longer than that.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _LOST_MS)
        serving = server(
            live_application(settings, door, service),
            connections=settings.live_readers + _OTHERS,
            stop_seconds=_STOP_S,
            ws="websockets-sansio",
            ws_max_size=1_024,
            ws_per_message_deflate=False,  # 1,000 times the same frame, packed 1,000 times
            ws_ping_interval=_PING_S,
            ws_ping_timeout=_PING_S,
        )
        note("live_started", url=url(listener), kafka=settings.kafka_bootstrap, asks_for_keys=door.asks)
        run(serving, listener)
    note("live_stopped", totals=dict(service.live.totals))
