"""`backbeat sink`: land what Kafka has, each offset exactly once."""

from __future__ import annotations

import gc
import json
import signal
from threading import Event
from typing import Annotated

import typer

from contracts.errors import BackbeatError
from contracts.events import TOPICS

app = typer.Typer()
sink = typer.Typer(invoke_without_command=True)
app.add_typer(sink, name="sink")

# Decoding makes thousands of short-lived objects and no cycles. At Python's default of 700 the collector
# ran through them again and again: 89,000 events per CPU-second were validated, against 293,000 without.
_COLLECT_EVERY = 200_000


@app.callback()
def _room() -> None:
    """Kafka to the lake."""


@sink.callback()
def run(
    context: typer.Context,
    until_end: Annotated[
        bool, typer.Option(help="Stop when all that Kafka had at the start is landed and committed.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="End with rows, objects, bytes and malformed as one JSON object.")
    ] = False,
    topic: Annotated[list[str] | None, typer.Option(help="Only this topic; may be repeated.")] = None,
) -> None:
    """Follow Kafka (BACKBEAT_KAFKA_BOOTSTRAP) into the lake (BACKBEAT_LAKE) until SIGINT or SIGTERM.

    What has been received by then is landed and committed. Settings: BACKBEAT_SINK_*, see .env.example.
    """
    if context.invoked_subcommand is not None:
        return
    # Imported here: other commands of the front door need neither Arrow nor Kafka.
    from consumer.progress import Progress  # noqa: PLC0415
    from consumer.settings import SinkSettings  # noqa: PLC0415
    from consumer.sink import Sink  # noqa: PLC0415
    from consumer.store import store_for  # noqa: PLC0415

    if unknown := sorted(set(topic or ()) - TOPICS.keys()):
        raise BackbeatError(f"--topic {', '.join(unknown)}: the contract has {', '.join(TOPICS)}")
    settings = SinkSettings()
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY)
    with Progress() as progress:
        runner = Sink(settings, store_for(settings.lake, settings), progress, topic or tuple(TOPICS))
        tally = runner.run(stop, until_end=until_end)
    if as_json:
        typer.echo(json.dumps(tally.summary()))
