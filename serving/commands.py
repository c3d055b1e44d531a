"""`backbeat publish`, `refresh`, `app`, `live`, `serve` and `evaluate`.

The front door gives `ctx.obj["store_for"]`: a function from the lake's address (`BACKBEAT_LAKE`) to a `Lake`.
This room only reads lakes: one in a folder as it is, any other through that.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from serving.application import run
from serving.evaluation.command import evaluate_command
from serving.folder import Folder
from serving.inputs import Lake
from serving.refresh import hand_over, refresh
from serving.settings import ServingSettings

app = typer.Typer()
app.command("evaluate")(evaluate_command)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of stdout.")]


@app.command("publish")
def publish_command(as_json: Json = False) -> None:
    """Hand the built gold tables to readers as a new snapshot."""
    facts = hand_over(ServingSettings())
    _say_published(facts)
    if as_json:
        typer.echo(json.dumps(facts))


@app.command("refresh")
def refresh_command(
    ctx: typer.Context,
    always: Annotated[bool, typer.Option("--always", help="Run dbt even if nothing has changed.")] = False,
    hourly: Annotated[
        bool, typer.Option("--hourly", help="Only what an hour changes: no whole histories, no tests.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Build the warehouse from the lake with dbt, then publish; a failing build publishes nothing.

    Where lake, project and warehouse are as the last whole build left them, dbt is not started.
    """
    settings = ServingSettings()
    in_a_folder = "://" not in settings.lake
    lake: Lake = Folder(Path(settings.lake)) if in_a_folder else ctx.obj["store_for"](settings.lake)
    done = refresh(settings, lake, partial(typer.secho, err=True), always=always, hourly=hourly)
    if done.published:
        _say_published(done.facts)
    else:
        typer.secho(f"nothing new since {done.since}: {done.facts['snapshot']} stands", err=True, fg="green")
    if as_json:
        built = {} if done.build_seconds is None else {"build_seconds": round(done.build_seconds, 3)}
        typer.echo(json.dumps({**done.facts, **built, "built": bool(built), "published": done.published}))


@app.command("app")
def app_command(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen at.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen at.")] = "localhost",
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
) -> None:
    """Open the app on the newest snapshot; it follows new ones by itself."""
    run(ServingSettings(), port, address, open_browser=not no_open)


@app.command("live")
def live_command() -> None:
    """Serve what is played now and what rises, by REST and WebSocket, until SIGTERM or Ctrl-C."""
    from serving.live.command import serve_live  # noqa: PLC0415 -- FastAPI, for this command alone
    from serving.settings import LiveSettings  # noqa: PLC0415 -- as above

    serve_live(LiveSettings())


@app.command("serve")
def serve_command() -> None:
    """Serve the newest snapshot's charts, trends and listeners over HTTP, until SIGTERM or Ctrl-C."""
    from serving.read.command import serve_read  # noqa: PLC0415 -- as above
    from serving.settings import ReadSettings  # noqa: PLC0415 -- as above

    serve_read(ReadSettings())


def _say_published(facts: dict[str, Any]) -> None:
    typer.secho(
        f"published {facts['snapshot']}: {facts['tables']} tables, {facts['rows']:,} rows, "
        f"{facts['bytes'] / 2**20:.1f} MiB in {facts['seconds']:.1f} s",
        err=True,
        fg="green",
    )
