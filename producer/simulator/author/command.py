"""`backbeat catalogue write FILE`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from contracts.errors import BackbeatError
from producer.away import AwayError
from producer.simulator.author.author import Author, Order
from producer.simulator.author.settings import AuthorSettings
from producer.simulator.written import WrittenCatalogue, read_written

catalogue = typer.Typer(help="Names for the simulator, written by a language model.", no_args_is_help=True)
_stderr = Console(stderr=True, soft_wrap=True, highlight=False)


@catalogue.callback()
def _catalogue() -> None:
    """A group, although it has one command."""


@catalogue.command()
def write(
    file: Annotated[Path, typer.Argument(help="Where it is kept; artists that are there stay.")],
    artists: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 600,
    tracks: Annotated[int, typer.Option(min=1, max=100, help="Titles of each artist.")] = 8,
    again: Annotated[bool, typer.Option("--again", help="Begin anew, whatever is in the file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
) -> None:
    """Have a language model invent artists and titles, for `backbeat simulate --catalogue FILE`."""
    from producer.simulator.author.endpoint import endpoint  # noqa: PLC0415 -- httpx, not for every command

    settings = AuthorSettings()
    known = read_written(file).artists if file.exists() and not again else ()
    order = Order(artists, tracks, settings.catalogue_batch, settings.catalogue_attempts)
    with endpoint(settings) as model:
        author = Author(model, order, list(known))
        if author.missing:
            _write(author, file)
    if as_json:
        counted = {"artists": len(author.artists), "answers": author.answers, "filled": author.filled}
        typer.echo(json.dumps({**counted, "known": len(known), "wrong": author.wrong, "file": str(file)}))
    else:
        _stderr.print(_told(author, file, len(known)), markup=False)


def _write(author: Author, file: Path) -> None:
    """Write the catalogue, with progress; an answer is kept as soon as it is there."""
    columns = (TextColumn("writing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_stderr, transient=True, disable=not _stderr.is_terminal) as progress:
        task = progress.add_task("writing", total=author.order.artists, completed=len(author.artists))

        def keep(written: WrittenCatalogue) -> None:
            _keep(file, written)
            progress.update(task, completed=len(written.artists))

        try:
            author.write(keep)
        except AwayError as away:
            there = f"{len(author.artists):,} artists are there; the same command goes on with them"
            raise BackbeatError(f"{away}; {there}") from away


def _keep(file: Path, written: WrittenCatalogue) -> None:
    unfinished = file.with_name(f".{file.name}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(written.as_json(), encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        raise BackbeatError(f"{file}: cannot be written: {error.strerror or error}") from error


def _told(author: Author, file: Path, known: int) -> str:
    """What happened, in a sentence or two."""
    if not author.answers:
        return f"{file}: holds {known:,} artists already; --again writes it anew"
    by_model = len(author.artists) - known - author.filled
    told = [f"{file}: {by_model:,} artists by {author.model.model} in {author.answers:,} answers"]
    if known:
        told.append(f"{known:,} were there")
    if author.filled:
        told.append(f"{author.filled:,} filled from the default words")
    wrong = ", ".join(f"{count:,} {reason}" for reason, count in author.wrong.items())
    return "; ".join([*told, f"not taken: {wrong}"] if wrong else told)
