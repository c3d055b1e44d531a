"""`backbeat archive list | verify | restore | expire`: the files that were imported from the inbox."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from contracts.errors import BackbeatError
from contracts.gates import GOLD_ARCHIVE, require_passed
from producer.archive.entry import ArchiveStore, Entry, entries, has_expired
from producer.archive.keep import aged, damage, find, let_go
from producer.archive.keep import restore as put_back
from producer.importers.settings import ImportSettings

archive = typer.Typer(
    help="The files that were imported from the lake's inbox, as they came.", no_args_is_help=True
)
_Json = Annotated[bool, typer.Option("--json", help="End with one JSON object.")]


@archive.command("list")
def list_command(ctx: typer.Context, as_json: _Json = False) -> None:
    """Name every archived file: hash, day, bytes, zone, name, and whether it was let go."""
    store, _ = _opened(ctx)
    found = [(one, has_expired(store, one)) for one in entries(store)]
    if as_json:
        typer.echo(json.dumps([{**asdict(one), "expired": gone} for one, gone in found]))
        return
    for one, gone in found:
        typer.echo(_line(one) + ("  let go" if gone else ""))


@archive.command()
def verify(ctx: typer.Context, as_json: _Json = False) -> None:
    """Read every archived file again; exit 1 where one is missing or holds other bytes than came."""
    store, _ = _opened(ctx)
    files, faults = 0, []
    for one in entries(store):
        files += 1
        if fault := damage(store, one):
            faults.append(fault)
    if as_json:
        typer.echo(json.dumps({"files": files, "faults": faults}))
    if faults:
        raise BackbeatError("; ".join(faults[:5]) + (f" and {len(faults) - 5} more" if faults[5:] else ""))
    typer.secho(f"{files:,} archived files are as they came", err=True, fg="green")


@archive.command()
def restore(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(help="Names, or beginnings of hashes, as `list` has them.")],
) -> None:
    """Put archived files back into the inbox, for another look; rows with a receipt do not count again."""
    store, _ = _opened(ctx)
    for one in [find(store, name) for name in names]:
        typer.echo(put_back(store, one))


@archive.command()
def expire(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only name what would be let go.")] = False,
) -> None:
    """Let archived files go that are older than BACKBEAT_ARCHIVE_LANDING_DAYS (0: none ever).

    Refused where the gate gold→archive did not let the last build pass: gold may lack what they say.
    """
    store, settings = _opened(ctx)
    found = list(aged(store, settings.archive_landing_days, datetime.now(UTC)))
    if found and not dry_run:
        require_passed(settings.warehouse, GOLD_ARCHIVE, after=max(one.moment for one in found))
    for one in found:
        typer.echo(_line(one))
        if not dry_run:
            let_go(store, one)


def _opened(ctx: typer.Context) -> tuple[ArchiveStore, ImportSettings]:
    settings = ImportSettings()
    store: ArchiveStore = ctx.obj["store_for"](settings.lake)
    return store, settings


def _line(one: Entry) -> str:
    return f"{one.sha256[:12]}  {one.archived_at[:10]}  {one.size:>12,}  {one.zone}  {one.name}"
