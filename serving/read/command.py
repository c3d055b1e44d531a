"""The read API's process: one event loop, DuckDB in its threads, until SIGTERM or Ctrl-C."""

from __future__ import annotations

from contracts.web.journal import note
from contracts.web.server import listening, run, server, url
from serving.door import Door
from serving.read.api import read_application
from serving.settings import ReadSettings

_CONNECTIONS = 2_000
_STOP_S = 10
_WHERE = "BACKBEAT_SERVE_ADDRESS, BACKBEAT_SERVE_PORT"


def serve_read(settings: ReadSettings) -> None:
    """Serve until told to stop; `BackbeatError` for what it cannot start with."""
    door = Door(settings.serve_address, settings.collector_keys, settings.serve_origins)
    door.check()
    with listening(settings.serve_address, settings.serve_port, _WHERE) as listener:
        serving = server(read_application(settings, door), connections=_CONNECTIONS, stop_seconds=_STOP_S)
        note("serve_started", url=url(listener), snapshots=str(settings.snapshots), asks_for_keys=door.asks)
        run(serving, listener)
    note("serve_stopped")
