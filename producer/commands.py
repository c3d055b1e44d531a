"""The commands of this room: broker, topics, simulator, importers, pulls, collector and pollers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import BackbeatError
from producer.archive.commands import archive
from producer.broker import EmbeddedBroker, contract_topics
from producer.collector.command import collector_command
from producer.collector.key_commands import keys
from producer.importers.command import FORMATS_HELP, import_command
from producer.importers.inbox_command import inbox_command
from producer.pollers.command import poll
from producer.pulls.command import pull_command
from producer.settings import KafkaSettings
from producer.simulator.author.command import catalogue
from producer.simulator.command import simulate_command
from producer.stop import Stop
from producer.topics import topics_command

app = typer.Typer(help="Everything that makes events.")
app.command("simulate")(simulate_command)
app.command("import", epilog=FORMATS_HELP)(import_command)
app.command("inbox")(inbox_command)
app.add_typer(archive, name="archive")
app.command("pull")(pull_command)
app.command("collector")(collector_command)
app.command("topics")(topics_command)
app.add_typer(keys, name="keys")
app.add_typer(poll, name="poll")
app.add_typer(catalogue, name="catalogue")


@app.command()
def broker(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object when ready.")] = False,
    state: Annotated[
        Path | None, typer.Option(help="File that holds the bootstrap address while the broker runs.")
    ] = None,
) -> None:
    """Run the embedded Kafka broker until SIGTERM or Ctrl-C; it forgets everything when it ends."""
    settings = KafkaSettings()
    with (
        Stop() as stop,
        EmbeddedBroker(contract_topics(settings.broker_partitions)) as embedded,
        _advertised(embedded.bootstrap, state),
    ):
        typer.echo(json.dumps({"bootstrap": embedded.bootstrap}) if as_json else embedded.bootstrap)
        stop.wait()


@contextmanager
def _advertised(bootstrap: str, state: Path | None) -> Iterator[None]:
    """Keep the address in `state`, which appears whole and goes when the broker goes."""
    if state is None:
        yield
        return
    unfinished = state.with_name(f"{state.name}.partial")
    try:
        state.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(bootstrap + "\n", encoding="utf-8")
        unfinished.replace(state)
    except OSError as error:
        raise BackbeatError(f"--state {state}: {error.strerror}") from error
    try:
        yield
    finally:
        state.unlink(missing_ok=True)
