"""`backbeat publish`, `backbeat refresh` and `backbeat app`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from serving.application import run
from serving.build import build
from serving.publish import Published, publish
from serving.settings import ServingSettings

app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of stdout.")]


@app.command("publish")
def publish_command(as_json: Json = False) -> None:
    """Hand the built gold tables to readers as a new snapshot."""
    settings = ServingSettings()
    _report(_publish(settings), None, as_json)


@app.command("refresh")
def refresh_command(
    hourly: Annotated[
        bool, typer.Option("--hourly", help="Only what an hour changes: no whole histories, no tests.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Build the warehouse from the lake with dbt, then publish; a failing build publishes nothing."""
    settings = ServingSettings()
    seconds = build(settings, selector="hourly" if hourly else None)
    _report(_publish(settings), seconds, as_json)


@app.command("app")
def app_command(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen at.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen at.")] = "localhost",
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
) -> None:
    """Open the app on the newest snapshot; it follows new ones by itself."""
    run(ServingSettings(), port, address, open_browser=not no_open)


def _publish(settings: ServingSettings) -> Published:
    return publish(
        settings.warehouse,
        settings.snapshots,
        keep=settings.snapshots_kept,
        rejected_sample=settings.rejected_sample,
    )


def _report(published: Published, build_seconds: float | None, as_json: bool) -> None:
    rows = sum(published.rows.values())
    typer.secho(
        f"published {published.path}: {len(published.rows)} tables, {rows:,} rows, "
        f"{published.size / 2**20:.1f} MiB in {published.seconds:.1f} s",
        err=True,
        fg="green",
    )
    if not as_json:
        return
    facts: dict[str, object] = {
        "snapshot": str(published.path),
        "published_at": published.published_at.isoformat(timespec="microseconds"),
        "tables": len(published.rows),
        "rows": rows,
        "bytes": published.size,
        "seconds": round(published.seconds, 3),
        "removed": published.removed,
    }
    if build_seconds is not None:
        facts["build_seconds"] = round(build_seconds, 3)
    typer.echo(json.dumps(facts))
