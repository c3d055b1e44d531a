"""`backbeat contracts`: render the contract into the files that others read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import BackbeatError
from contracts.events import TOPICS
from contracts.render import drifted, write

app = typer.Typer()
contracts = typer.Typer(help="Render the contract into JSON Schema, Arrow schema, dbt sources and docs.")
app.add_typer(contracts, name="contracts")


@contracts.command()
def render(
    check: Annotated[bool, typer.Option(help="Write nothing; fail when a file has drifted.")] = False,
    root: Annotated[Path, typer.Option(help="The project's root.")] = Path(),
) -> None:
    """Write every rendered file that is missing or has drifted."""
    if check:
        if stale := drifted(root):
            names = ", ".join(map(str, stale))
            raise BackbeatError(
                f"not what contracts/events.py renders: {names}; run `backbeat contracts render`"
            )
        return
    for path in write(root):
        typer.echo(path)


@contracts.command("topics")
def list_topics() -> None:
    """Name the topics, one a line."""
    for topic in TOPICS:
        typer.echo(topic)
