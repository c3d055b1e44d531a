"""`backbeat pull [PLATFORM…]`: reports that platforms hand to programs, beside those that people download."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated

import orjson
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from contracts.errors import BackbeatError
from producer.importers.context import Context
from producer.importers.pseudonym import Pseudonyms, pseudonym_key
from producer.pulls.document import Stream
from producer.pulls.landing import Advance, HowFar, Pulled, pull
from producer.pulls.ledger import PullStore
from producer.pulls.platforms import PLATFORMS, streams_of
from producer.pulls.settings import PullSettings

_stderr = Console(stderr=True)


def pull_command(
    ctx: typer.Context,
    platforms: Annotated[
        list[str] | None,
        typer.Argument(help=f"{', '.join(PLATFORMS)}; or all that have a key.", metavar="[PLATFORM…]"),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Ask again from this day on, further back than usual."),
    ] = None,
    list_only: Annotated[bool, typer.Option("--list", help="Only say which accounts can be pulled.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="The report as one JSON object, the last line of stdout.")
    ] = False,
) -> None:
    """Pull platforms' reports through their APIs (BACKBEAT_META_ADS_TOKEN, BACKBEAT_YOUTUBE_REFRESH_TOKEN,
    BACKBEAT_MAILCHIMP_KEY, BACKBEAT_TIKTOK_TOKEN, BACKBEAT_SPOTIFY_CLIENT_SECRET), and land them as
    `backbeat import` does.

    Each pull goes on where the last one ended, and asks for the days before that again
    (BACKBEAT_PULL_LOOK_BACK_DAYS): a day told otherwise supersedes its earlier telling, one told alike adds
    nothing.
    """
    settings = PullSettings()
    streams = _streams(settings, platforms or ["all"])
    if list_only:
        names = [f"{stream.platform} {stream.account}" for stream in streams]
        typer.echo(orjson.dumps(names).decode() if json else "\n".join(names))
        return
    if not streams:
        raise BackbeatError(f"no platform has a key: set one of {', '.join(PLATFORMS.values())}")
    store: PullStore = ctx.obj["store_for"](settings.lake)
    pulled = _pull(streams, settings, store, since.date() if since else None)
    if json:
        typer.echo(_as_json(pulled))
    else:
        for table in as_tables(pulled):
            Console().print(table, markup=False)
    failed = [one for one in pulled if one.error]
    if failed:
        told = "; ".join(f"{one.platform} {one.account}: {one.error}" for one in failed)
        raise BackbeatError(f"{len(failed)} of {len(pulled)} accounts not pulled to the end: {told}")


def _streams(settings: PullSettings, names: list[str]) -> list[Stream]:
    """The accounts of the platforms that are asked for; one that is named must have a key."""
    if unknown := sorted({*names} - {*PLATFORMS, "all"}):
        raise BackbeatError(
            f"{', '.join(unknown)}: no such platform; there are {', '.join(PLATFORMS)} and all"
        )
    found = []
    for name, setting in PLATFORMS.items():
        if name in names or "all" in names:
            streams = streams_of(name, settings, datetime.now(UTC).date())
            if not streams and name in names:
                raise BackbeatError(
                    f"{name} cannot be asked without a key: see {setting} (or {setting}_FILE)"
                )
            found += streams
    return found


def _pull(
    streams: list[Stream], settings: PullSettings, store: PullStore, since: date | None
) -> list[Pulled]:
    context = Context(Pseudonyms(pseudonym_key(settings)), datetime.now(UTC))
    how_far = HowFar(settings.pull_look_back_days, settings.pull_first_days, since)
    found = []
    for stream in streams:
        with _advancing(stream) as advance:
            found.append(pull(stream, how_far, store, context, advance))
    return found


@contextmanager
def _advancing(stream: Stream) -> Iterator[Advance]:
    """A bar of days and rows, where somebody looks at it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} days, {task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
    )
    rows = 0
    with Progress(*columns, console=_stderr, transient=True, disable=not _stderr.is_terminal) as progress:
        task = progress.add_task(f"{stream.platform} {stream.account}", total=None, rows=0)

        def advance(done: int, days: int, more_rows: int) -> None:
            nonlocal rows
            rows += more_rows
            progress.update(task, completed=done, total=days, rows=rows)

        yield advance


def as_tables(pulled: list[Pulled]) -> list[Table]:
    """A table of the accounts and, where rows were refused, one of the reasons."""
    table = Table(title="Pulled", title_justify="left", box=SIMPLE, pad_edge=False)
    table.add_column("account", overflow="fold")
    for heading in ("since", "reports", "restated", "rows in", "accepted", "rejected"):
        table.add_column(heading, justify="right", no_wrap=True)
    reasons = Table("reason", title="Rejected", title_justify="left", box=SIMPLE, pad_edge=False)
    reasons.add_column("rows", justify="right")
    for one in pulled:
        figures = (one.documents, one.restated, one.rows_in, one.accepted, one.rejected)
        account = f"{one.platform} {one.account}{' (broken off)' if one.error else ''}"
        table.add_row(account, str(one.since), *(f"{figure:,}" for figure in figures))
        for reason, rows in one.by_reason.most_common():
            reasons.add_row(f"{one.platform}: {reason}", f"{rows:,}")
    return [table, reasons] if reasons.row_count else [table]


def _as_json(pulled: list[Pulled]) -> str:
    """One JSON object on one line: the total, and every account."""
    names = ("documents", "restated", "unchanged", "rows_in", "accepted", "rejected")
    total = {name: sum(getattr(one, name) for one in pulled) for name in names}
    accounts = [vars(one) | {"by_reason": dict(one.by_reason)} for one in pulled]
    return orjson.dumps(total | {"accounts": accounts}).decode()
