"""`backbeat inbox`: import what people dropped into the lake, and archive it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from contracts.errors import BackbeatError
from producer.archive.keep import keep
from producer.importers.batch import Batch
from producer.importers.command import take
from producer.importers.context import Context
from producer.importers.dropped_file import find
from producer.importers.inbox import Dropped, InboxStore, fetch, waiting
from producer.importers.pseudonym import Pseudonyms, pseudonym_key
from producer.importers.report import total
from producer.importers.settings import ImportSettings


def inbox_command(
    ctx: typer.Context,
    list_only: Annotated[bool, typer.Option("--list", help="Only say what is waiting there.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object as the last line of stdout.")
    ] = False,
) -> None:
    """Import the files under `landing/inbox/` of the lake, then archive each by its SHA-256.

    A folder in the inbox names the listener whose files are in it. What is nothing to import is archived too,
    apart, and told.
    """
    settings = ImportSettings()
    store: InboxStore = ctx.obj["store_for"](settings.lake)
    found = waiting(store, timedelta(seconds=settings.inbox_settled_seconds))
    if list_only:
        typer.echo(json.dumps([asdict(one) for one in found]) if as_json else "\n".join(_keys(found)))
        return
    totals: dict[str, Any] = {"files": 0, "rows_in": 0, "accepted": 0, "rejected": 0, "refused": []}
    for listener in sorted({one.listener for one in found}, key=lambda name: name or ""):
        _take(store, settings, [one for one in found if one.listener == listener], totals)
    typer.echo(json.dumps(totals) if as_json else ", ".join(f"{name} {n}" for name, n in totals.items()))


def _take(
    store: InboxStore, settings: ImportSettings, dropped: list[Dropped], totals: dict[str, Any]
) -> None:
    """Import the files of one listener together: their rows may explain one another's."""
    with TemporaryDirectory() as folder:
        sound, digests = [], {}
        for number, one in enumerate(dropped):
            place = Path(folder) / str(number)
            place.mkdir()
            path, digests[one] = fetch(store, one, place)
            try:
                sound.append((one, find([path], settings.import_unpacked_mib)[0]))
            except BackbeatError as error:
                totals["refused"].append({"name": one.name, "reason": str(error).replace(f"{place}/", "")})
                keep(store, one, digests[one], imported=False)
        pseudonyms = Pseudonyms(pseudonym_key(settings))
        context = Context(pseudonyms, datetime.now(UTC), dropped[0].listener)
        batch = Batch([file for _, files in sound for file in files], store, context, again=False)
        take(batch)
        for one, files in sound:
            is_report = all(file.format.report for file in files)
            keep(store, one, digests[one], imported=True, is_report=is_report)
    whole = total(batch.reports)
    totals["files"] += len(sound)
    for name in ("rows_in", "accepted", "rejected"):
        totals[name] += getattr(whole, name)


def _keys(found: list[Dropped]) -> list[str]:
    return [one.key for one in found]
