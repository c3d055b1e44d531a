"""An S3 server for the quick tier: moto, with the one promise that exactly-once needs made good."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import Any

from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.server import ThreadedMotoServer
from werkzeug.serving import make_server


class AtomicMotoServer(ThreadedMotoServer):
    """On a free port of 127.0.0.1, and empty; `endpoint` once started.

    moto looks whether a key is there and then writes it: nothing keeps two racing creates from both
    winning. Here a conditional write is let in only when the one before it has been answered. And moto
    keeps its buckets in the process, not in the server: each start forgets those of the test before.
    """

    def __init__(self) -> None:
        super().__init__(ip_address="127.0.0.1", port=0, verbose=False)

    def start(self) -> None:
        super().start()
        moto_api_backend.reset()

    @property
    def endpoint(self) -> str:
        host, port = self.get_host_and_port()
        return f"http://{host}:{port}"

    def _server_entry(self) -> None:
        inner = DomainDispatcherApplication(create_backend_app)
        one_writer = Lock()

        def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if "HTTP_IF_NONE_MATCH" not in environ:
                return inner(environ, start_response)  # type: ignore[no-any-return]
            with one_writer:
                return inner(environ, start_response)  # type: ignore[no-any-return]

        self._server = make_server(
            self._ip_address, self._port, serve, threaded=True, request_handler=MotoRequestHandler
        )
        self._server_ready_event.set()
        self._server.serve_forever()
