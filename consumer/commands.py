"""`backbeat sink`: land what Kafka has, each offset exactly once. `backbeat lake`: prove it."""

from __future__ import annotations

import gc
import json
import signal
from collections.abc import Collection
from dataclasses import asdict
from threading import Event
from typing import Annotated

import typer

from consumer.upkeep_commands import upkeep
from contracts.errors import BackbeatError
from contracts.events import TOPICS

app = typer.Typer()
sink = typer.Typer(invoke_without_command=True)
app.add_typer(sink, name="sink")
lake = typer.Typer(help="Look after the lake: check that it holds every record once.")
lake.registered_commands += upkeep.registered_commands
app.add_typer(lake, name="lake")

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
    from consumer.arrow import start_arrow  # noqa: PLC0415
    from consumer.progress import Progress  # noqa: PLC0415
    from consumer.race import refuse_racy  # noqa: PLC0415
    from consumer.settings import SinkSettings  # noqa: PLC0415
    from consumer.sink import Sink  # noqa: PLC0415
    from consumer.store import store_for  # noqa: PLC0415
    from consumer.watch.journal import JOURNAL  # noqa: PLC0415
    from consumer.watch.server import serving  # noqa: PLC0415

    _refuse_unknown(topic or ())
    settings = SinkSettings()
    JOURNAL.open(settings)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    start_arrow()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY)
    store = store_for(settings.lake, settings)
    refuse_racy(store, settings)
    with serving(settings), Progress() as progress:
        runner = Sink(settings, store, progress, topic or tuple(TOPICS))
        tally = runner.run(stop, until_end=until_end)
    if as_json:
        typer.echo(json.dumps(tally.summary()))


@sink.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="End with all checks as one JSON object.")] = False,
) -> None:
    """Say what is wrong with Kafka, its topics, the credentials and the lake; exit 1 if anything fails."""
    from rich.console import Console  # noqa: PLC0415

    from consumer.doctor.run import examine, healthy, table  # noqa: PLC0415
    from consumer.settings import SinkSettings  # noqa: PLC0415

    checks = examine(SinkSettings())
    if as_json:
        typer.echo(json.dumps({"ok": healthy(checks), "checks": [asdict(check) for check in checks]}))
    else:
        Console().print(table(checks))
    if not healthy(checks):
        raise typer.Exit(1)


def _refuse_unknown(topics: Collection[str]) -> None:
    if unknown := sorted(set(topics) - TOPICS.keys()):
        raise BackbeatError(f"--topic {', '.join(unknown)}: the contract has {', '.join(TOPICS)}")


@lake.callback()
def _lake() -> None:
    """Look after the lake: check that it holds every record once."""


@lake.command()
def audit(
    as_json: Annotated[
        bool, typer.Option("--json", help="End with lost, duplicated, mismatched … as one JSON object.")
    ] = False,
    topic: Annotated[list[str] | None, typer.Option(help="Only this topic; may be repeated.")] = None,
    offline: Annotated[
        bool, typer.Option(help="Do not ask Kafka (BACKBEAT_KAFKA_BOOTSTRAP): only what fences say.")
    ] = False,
    complete: Annotated[
        bool, typer.Option(help="Nobody is writing: what Kafka has beyond the lake's end is lost.")
    ] = False,
    grace: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for an object that a sink may be writing.")
    ] = 5.0,
) -> None:
    """Check the lake (BACKBEAT_LAKE) record by record against its fences and Kafka; exit 1 if it is wrong."""
    from rich.console import Console  # noqa: PLC0415

    from consumer.audit.progress import table  # noqa: PLC0415
    from consumer.audit.run import audit as run_audit  # noqa: PLC0415
    from consumer.settings import SinkSettings  # noqa: PLC0415

    _refuse_unknown(topic or ())
    report = run_audit(SinkSettings(), topic or (), offline=offline, complete=complete, grace=grace)
    if as_json:
        typer.echo(json.dumps(report.summary()))
    else:
        Console().print(table(report))
    if not report.clean:
        raise typer.Exit(1)
