"""`backbeat import PATH…`.

The front door gives `ctx.obj["store_for"]`: a function from the lake's address (`BACKBEAT_LAKE`) to a
`LakeStore`. This room does not know how a lake is stored.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from producer.importers.batch import Batch
from producer.importers.context import Context
from producer.importers.dropped_file import Skipped, find
from producer.importers.pseudonym import Pseudonyms, pseudonym_key
from producer.importers.receipt import LakeStore
from producer.importers.report import as_json, as_tables
from producer.importers.settings import ImportSettings
from producer.local import publishing
from producer.settings import KafkaSettings

_stderr = Console(stderr=True)


def import_command(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders to look through.", metavar="PATH…")],
    user: Annotated[
        str | None, typer.Option(help="Whose Spotify history it is; default: as the file says, else 'me'.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="The report as one JSON object, the last line of stdout.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Import files again that have a receipt.")] = False,
) -> None:
    """Bring in a Spotify or Last.fm history, or a podcast's event log. The same file again adds nothing."""
    settings = ImportSettings()
    store: LakeStore = ctx.obj["store_for"](settings.lake)
    with _stderr.status("checking the files"):
        files, skipped = find(paths)
        context = Context(Pseudonyms(pseudonym_key(settings)), datetime.now(UTC), user)
        batch = Batch(files, store, context, again=again)
    if batch.new_rows:
        _publish(batch)
    batch.settle()
    _tell(batch, skipped, json=json)


def _publish(batch: Batch) -> None:
    """Publish and wait until it is safe: acknowledged by Kafka or, on the embedded broker, landed."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.speed:,.0f} rows/s"),
        TimeRemainingColumn(),
    )
    with publishing(KafkaSettings()) as (publisher, drain):
        with Progress(*columns, console=_stderr, transient=True, disable=not _stderr.is_terminal) as progress:
            task = progress.add_task("importing", total=batch.new_rows)
            batch.publish(publisher.publish, lambda rows: progress.advance(task, rows))
        with _stderr.status("landing") as status:
            drain(lambda landed, published: status.update(f"landing: {landed:,} of {published:,} rows"))


def _tell(batch: Batch, skipped: list[Skipped], *, json: bool) -> None:
    for path, reason in skipped:
        _stderr.print(f"skipped {path}: {reason}", style="dim", markup=False, highlight=False, soft_wrap=True)
    if json:
        typer.echo(as_json(batch.reports, skipped))
        return
    console = Console()
    for table in as_tables(batch.reports):
        console.print(table, markup=False)
