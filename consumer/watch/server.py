"""/metrics, /healthz and /readyz over HTTP, beside the loop."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from consumer.settings import SinkSettings
from consumer.watch.health import HEALTH
from consumer.watch.journal import JOURNAL
from consumer.watch.secrets import hide, secrets_of
from contracts.errors import BackbeatError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class _Server(ThreadingMixIn, WSGIServer):
    """A thread a request, so that one slow reader does not make the others believe the sink is gone."""

    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: what is asked every few seconds is no news."""


@contextmanager
def serving(settings: SinkSettings) -> Iterator[int | None]:
    """Answer at BACKBEAT_SINK_METRICS_ADDRESS:_PORT within the block; yields the port, None when it is 0."""
    if not settings.sink_metrics_port:
        yield None
        return
    address, port = settings.sink_metrics_address, settings.sink_metrics_port
    try:
        server = make_server(address, port, application(secrets_of(settings)), _Server, _Silent)
    except (OSError, OverflowError) as error:
        raise BackbeatError(
            f"cannot listen at {address}:{port} (BACKBEAT_SINK_METRICS_ADDRESS, BACKBEAT_SINK_METRICS_PORT): "
            f"{getattr(error, 'strerror', None) or error}"
        ) from error
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="watch", daemon=True)
    thread.start()
    JOURNAL.info("metrics_served", url=f"http://{address}:{port}/metrics")
    try:
        yield port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def application(secrets: Iterable[str] = ()) -> WSGIApplication:
    """The three answers; anything else is 404."""
    metrics = make_wsgi_app()
    hidden = list(secrets)

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            found: Iterable[bytes] = metrics(environ, start)
            return found
        if path not in {"/healthz", "/readyz"}:
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"/metrics, /healthz, /readyz\n"]
        report = HEALTH.report()
        well = HEALTH.ready() if path == "/readyz" else report["healthy"]
        report["reasons"] = [hide(reason, hidden) for reason in report["reasons"]]
        start("200 OK" if well else "503 Service Unavailable", [("Content-Type", "application/json")])
        return [json.dumps(report).encode() + b"\n"]

    return answer
