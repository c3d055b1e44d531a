"""`backbeat import PATH…`.

The front door gives `ctx.obj["store_for"]`: a function from the lake's address (`BACKBEAT_LAKE`) to a
`LakeStore`. This room does not know how a lake is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from contracts.errors import BackbeatError
from producer.importers.batch import Advance, Batch
from producer.importers.context import Context
from producer.importers.dropped_file import Skipped, find
from producer.importers.formats import FORMATS
from producer.importers.pseudonym import Pseudonyms, pseudonym_key
from producer.importers.receipt import LakeStore
from producer.importers.report import as_json, as_tables
from producer.importers.settings import ImportSettings
from producer.local import publishing
from producer.reports.catalogue import platform_names
from producer.settings import KafkaSettings

_stderr = Console(stderr=True)

FORMATS_HELP = "Recognised by content, also inside of zip archives as downloaded and of gzip:\n\n"
FORMATS_HELP += "\n\n".join(f"- {known.title}: {known.usually}" for known in FORMATS)
FORMATS_HELP += "\n\nReports of: " + ", ".join(name.replace("_", " ") for name in platform_names())


def import_command(  # noqa: PLR0913, PLR0917  # a command has as many as it has options
    ctx: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="Files, archives, or folders to look through.", metavar="PATH…")
    ],
    user: Annotated[
        str | None,
        typer.Option(help="Whose histories these are, where a file is one person's; default: 'me'."),
    ] = None,
    timezone: Annotated[
        str, typer.Option(help="Zone of clocks that do not say theirs (.scrobbler.log), as 'Europe/Berlin'.")
    ] = "UTC",
    json: Annotated[
        bool, typer.Option("--json", help="The report as one JSON object, the last line of stdout.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Import files again that have a receipt.")] = False,
) -> None:
    """Bring in listening histories, podcast logs and platforms' reports. The same file again adds nothing,
    nor do the rows of a history in another one."""
    settings = ImportSettings()
    store: LakeStore = ctx.obj["store_for"](settings.lake)
    zone = _zone(timezone)
    with _stderr.status("looking at the files"):
        files, skipped = find(paths, settings.import_unpacked_mib)
        context = Context(Pseudonyms(pseudonym_key(settings)), datetime.now(UTC), user, zone)
        batch = Batch(files, store, context, again=again)
    take(batch)
    _tell(batch, skipped, json=json)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BackbeatError(f"--timezone {name}: no such zone; say it as 'Europe/Berlin'") from error


def take(batch: Batch) -> None:
    """Import what is new in `batch`: reports land, events are published; then the receipts."""
    with _advancing(batch) as advance:
        batch.land(advance)
        if batch.has_new:
            _publish(batch, advance)
    batch.settle()


@contextmanager
def _advancing(batch: Batch) -> Iterator[Advance]:
    """A bar of bytes and rows, where somebody looks at it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
    )
    rows = 0
    with Progress(*columns, console=_stderr, transient=True, disable=not _stderr.is_terminal) as progress:
        task = progress.add_task("importing", total=batch.new_bytes, rows=0)

        def advance(more_bytes: int, more_rows: int) -> None:
            nonlocal rows
            rows += more_rows
            progress.update(task, advance=more_bytes, rows=rows)

        yield advance


def _publish(batch: Batch, advance: Advance) -> None:
    """Publish and wait until it is safe: acknowledged by Kafka or, on the embedded broker, landed."""
    # The past has happened: in which order its events arrive tells nobody anything.
    with publishing(KafkaSettings(), ordered=False) as (publisher, drain):
        batch.publish(publisher, advance)
        with _stderr.status("landing") as status:
            drain(lambda landed, published: status.update(f"landing: {landed:,} of {published:,} rows"))


def _tell(batch: Batch, skipped: list[Skipped], *, json: bool) -> None:
    for path, reason in skipped:
        _say(f"skipped {path}: {reason}", "dim")
    for report in batch.reports:
        if report.damage and not report.already_imported:
            _say(f"damaged {report.path}: {report.damage}; what can be read is imported", "yellow")
        if report.stated_total is not None and report.stated_total != report.measure_total:
            said = f"{report.measure_total}, it says itself {report.stated_total} ({report.measure})"
            _say(f"differs {report.path}: its lines sum to {said}", "yellow")
    if json:
        typer.echo(as_json(batch.reports, skipped))
        return
    console = Console()
    for table in as_tables(batch.reports):
        console.print(table, markup=False)


def _say(line: str, style: str) -> None:
    _stderr.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
