"""The collector's process: one event loop, one core, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import math

from contracts.errors import BackbeatError
from contracts.web.journal import note
from contracts.web.server import listening, run, server, url
from producer.collector.api import application
from producer.collector.gate import Gate
from producer.collector.outlet import Outlet
from producer.collector.settings import CollectorSettings

_CONNECTIONS = 2_000
_WHERE = "BACKBEAT_COLLECTOR_ADDRESS, BACKBEAT_COLLECTOR_PORT"


def serve(settings: CollectorSettings) -> None:
    """Collect until told to stop, then answer what came in; `BackbeatError` for what it cannot start with."""
    gate = Gate(settings)
    gate.check()
    fatal: list[str] = []

    def end(reason: str) -> None:
        fatal.append(reason)
        serving.should_exit = True

    outlet = Outlet(settings, end)
    with listening(settings.collector_address, settings.collector_port, _WHERE) as listener:
        serving = server(
            application(settings, gate, outlet),
            connections=_CONNECTIONS,
            stop_seconds=math.ceil(settings.collector_ack_seconds) + 5,
        )
        note("collector_started", url=url(listener), keys=str(settings.collector_keys))
        run(serving, listener)
    note("collector_stopped", pending_events=outlet.pending_events)
    if fatal:
        raise BackbeatError(f"Kafka at {settings.kafka_bootstrap} (BACKBEAT_KAFKA_BOOTSTRAP): {fatal[0]}")
