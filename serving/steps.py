"""`backbeat build` and `gate`, the steps before a publish, and `alert`, for when one fails."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.errors import BackbeatError
from contracts.gates import GATES, newest
from serving.build import Scope
from serving.folder import Folder
from serving.inputs import Lake
from serving.refresh import gate, make
from serving.run_history import Run
from serving.schedule.alert import Alert, send
from serving.schedule.settings import AlertSettings
from serving.settings import ServingSettings

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of stdout.")]
Always = Annotated[bool, typer.Option("--always", help="Run dbt even if nothing has changed.")]
Hourly = Annotated[
    bool, typer.Option("--hourly", help="Only what an hour changes: no whole histories, few tests.")
]


def build_command(  # noqa: PLR0913, PLR0917 -- one parameter an option
    ctx: typer.Context,
    always: Always = False,
    hourly: Hourly = False,
    start: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Make these days anew: the first of them."),
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="And the day to end before.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Build the warehouse from the lake with dbt, if anything changed; publish nothing.

    Exit 1 when a model fails. Failed tests are told, and `backbeat gate` refuses what they refuse.
    """
    settings = ServingSettings()
    scope = Scope(hourly, _days(start, end))
    made = make(settings, lake_of(ctx, settings), partial(typer.secho, err=True), always=always, scope=scope)
    _say_built(made.run, made.note.began_at)
    if as_json:
        typer.echo(json.dumps(_summary(made.run)))


def gate_command(ctx: typer.Context, as_json: Json = False) -> None:
    """Exit 1 unless the gates and tests of the last build let it pass: between `build` and `publish`."""
    settings = ServingSettings()
    passed = gate(settings, lake_of(ctx, settings))
    warned = [] if passed is None else [node for node in passed.nodes if node.status == "warn"]
    for node in warned:
        typer.secho(f"warning: {node.name}: {node.message}", err=True, fg="yellow")
    typer.secho("nothing against publishing", err=True, fg="green")
    if as_json:
        typer.echo(json.dumps(_summary(passed)))


def gates_command(as_json: Json = False) -> None:
    """What became of each gate between the zones, rule by rule; exit 1 where one is shut."""
    last = newest(ServingSettings().warehouse)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in last]))
        return
    for one in last:
        state = "passed" if one.passed else "SHUT"
        typer.echo(f"{one.gate:<15} {one.rule:<14} {state:<7} {one.at[:19]}  {one.found}")
    told = {one.gate for one in last}
    for name in GATES:
        if name not in told:
            typer.echo(f"{name:<15} {'':<14} never evaluated: `backbeat refresh`")
    if broken := [one.sentence for one in last if not one.passed]:
        raise BackbeatError("; ".join(broken))


def alert_command(text: str) -> None:
    """Tell TEXT to whom failures are told (BACKBEAT_ALERT_*), to try it or to end a cron line with."""
    settings = AlertSettings()
    failed = send(Alert(text), settings)
    if failed:
        raise BackbeatError("; ".join(failed))
    channels = {
        "webhook": bool(settings.alert_webhook.get_secret_value()),
        "mail": bool(settings.alert_email_to),
    }
    told = [name for name, there in channels.items() if there]
    typer.secho(f"told by {' and '.join(told) or 'nobody: BACKBEAT_ALERT_* names no channel'}", err=True)


def lake_of(ctx: typer.Context, settings: ServingSettings) -> Lake:
    """The lake of `settings`: a folder as it is, any other through the front door's store."""
    if "://" not in settings.lake:
        return Folder(Path(settings.lake))
    lake: Lake = ctx.obj["store_for"](settings.lake)
    return lake


def _days(start: datetime | None, end: datetime | None) -> tuple[date, date] | None:
    if start is None and end is None:
        return None
    if start is None or end is None or start >= end:
        raise BackbeatError("--from and --to: give both, the first day before the one to end before")
    return start.date(), end.date()


def _say_built(run: Run | None, since: str) -> None:
    if run is None:
        typer.secho(f"nothing new since {since}", err=True, fg="green")
        return
    typer.secho(f"built in {run.seconds:.1f} s", err=True, fg="green")
    for node in run.failed_tests:
        typer.secho(f"failed: {node.name}: {node.message}", err=True, fg="red")


def _summary(run: Run | None) -> dict[str, Any]:
    if run is None:
        return {"built": False}
    failed = [{"name": node.name, "message": node.message} for node in run.failed_tests]
    return {
        "built": True,
        "scope": run.scope,
        "seconds": run.seconds,
        "nodes": len(run.nodes),
        "failed_tests": failed,
    }
