"""`backbeat build`, `gate`, `publish`, `refresh` (all three), `alert`, `app`, `live`, `serve` and `evaluate`.

The front door gives `ctx.obj["store_for"]`: a function from the lake's address (`BACKBEAT_LAKE`) to a `Lake`.
This room only reads lakes: one in a folder as it is, any other through that.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Annotated, Any

import typer

from serving.application import run
from serving.curated import Target, curate
from serving.evaluation.command import evaluate_command
from serving.refresh import hand_over, refresh
from serving.settings import AppSettings, ServingSettings
from serving.steps import (
    Always,
    Hourly,
    Json,
    alert_command,
    build_command,
    gate_command,
    gates_command,
    lake_of,
)

app = typer.Typer()
app.command("build")(build_command)
app.command("gate")(gate_command)
app.command("gates")(gates_command)
app.command("alert")(alert_command)
app.command("evaluate")(evaluate_command)


@app.command("publish")
def publish_command(
    ctx: typer.Context,
    changes: Annotated[
        bool, typer.Option("--changes", help="Begin with the newest snapshot; write what differs.")
    ] = False,
    to: Annotated[
        Target,
        typer.Option(help="A snapshot for the app, Parquet under curated/ of the lake, or PostgreSQL."),
    ] = Target.SNAPSHOT,
    as_json: Json = False,
) -> None:
    """Hand the built gold tables to readers: a snapshot, or Parquet or PostgreSQL for other tools."""
    facts = _published(ctx, to, only_changes=changes)
    _say_published(facts)
    if as_json:
        typer.echo(json.dumps(facts))


@app.command("refresh")
def refresh_command(
    ctx: typer.Context,
    always: Always = False,
    hourly: Hourly = False,
    as_json: Json = False,
) -> None:
    """Build the warehouse from the lake with dbt, then publish; a failing build publishes nothing.

    Where lake, project and warehouse are as the last whole build left them, dbt is not started.
    """
    settings = ServingSettings()
    tell = partial(typer.secho, err=True)
    done = refresh(settings, lake_of(ctx, settings), tell, always=always, hourly=hourly)
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
    address: Annotated[
        str, typer.Option(help="Address to listen at; another one takes a log-in.")
    ] = "localhost",
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
) -> None:
    """Open the app on the newest snapshot; it follows new ones by itself."""
    run(AppSettings(), port, address, open_browser=not no_open)


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


def _published(ctx: typer.Context, to: Target, *, only_changes: bool) -> dict[str, Any]:
    if to is Target.POSTGRES:
        from serving.postgres.publish import publish_postgres  # noqa: PLC0415 -- its driver, for this alone
        from serving.postgres.settings import PostgresSettings  # noqa: PLC0415 -- as above

        return publish_postgres(PostgresSettings())
    settings = ServingSettings()
    if to is Target.PARQUET:
        return curate(settings, ctx.obj["store_for"])
    return hand_over(settings, only_changes=only_changes)


def _say_published(facts: dict[str, Any]) -> None:
    typer.secho(
        f"published {facts['snapshot']}: {facts['tables']} tables, {facts['rows']:,} rows, "
        f"{facts['bytes'] / 2**20:.1f} MiB in {facts['seconds']:.1f} s",
        err=True,
        fg="green",
    )
