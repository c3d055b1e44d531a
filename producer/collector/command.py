"""`backbeat collector`."""

from __future__ import annotations


def collector_command() -> None:
    """Take events and scrobbles over HTTP into Kafka, until SIGTERM or Ctrl-C; keys: `backbeat keys`."""
    from producer.collector.server import serve  # noqa: PLC0415 -- FastAPI, for this command alone
    from producer.collector.settings import CollectorSettings  # noqa: PLC0415 -- as above

    serve(CollectorSettings())
