"""`backbeat simulate`: make events and send them off.

The front door gives `ctx.obj["store_for"]`, a function from the lake's address (`BACKBEAT_LAKE`) to
a store, and `ctx.obj["bulk_for"]` (see `contracts.bulk`). This room does not know how a lake is stored.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from contracts.errors import BackbeatError
from producer.settings import KafkaSettings
from producer.simulator.bulk import Order
from producer.simulator.config import SimulationConfig, load_config
from producer.simulator.crew import land
from producer.simulator.destination import destination
from producer.simulator.landing import LakeStore, LandingFolder, land_episodes
from producer.simulator.ledger import Ledger
from producer.simulator.live_command import POSITION, LiveOptions, go_live
from producer.simulator.simulate import simulate
from producer.simulator.summary import summary, tell
from producer.simulator.truth import bot_ids, write_truth

_stderr = Console(stderr=True)
BULK = "bulk"


def simulate_command(  # noqa: PLR0913, PLR0917 - one parameter for each option
    ctx: typer.Context,
    events: Annotated[
        int | None, typer.Option(help="At least this many, all topics together (default 1000000).")
    ] = None,
    days: Annotated[int | None, typer.Option(help="How many days they spread over (default 90).")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same events (default 7).")] = None,
    users: Annotated[
        int | None, typer.Option(help="Default: as many as suit the events and the days.")
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day (UTC) not simulated; default: today."),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="YAML file; the options above overrule it.")] = None,
    catalogue: Annotated[
        Path | None, typer.Option(help="Artists and titles of `backbeat catalogue write`; default: ours.")
    ] = None,
    ledger: Annotated[Path | None, typer.Option(help="Write the ground truth there, as Parquet.")] = None,
    truth_folder: Annotated[
        Path | None,
        typer.Option("--truth", help="Folder for what only the simulator knows: tastes, A/B arms, bots."),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(help="Live: so many events a second on average, each when it happens, until stopped."),
    ] = None,
    to: Annotated[
        str, typer.Option(help="kafka, jsonl:DIR (one file per topic), or bulk: straight into the lake.")
    ] = "kafka",
    processes: Annotated[
        int, typer.Option(min=1, help="With --to bulk: how many; the objects are the same.")
    ] = 1,
    position: Annotated[Path, typer.Option(help="With --rate: how far it has got.")] = POSITION,
    landing: Annotated[
        Path | None, typer.Option(help="Folder for the episodes CSV; default: the lake's, but for jsonl.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
) -> None:
    """Simulate listeners and publish their events, with a ledger of the defects planted among them."""
    given = {"events": events, "days": days, "seed": seed, "users": users, "end": end, "catalogue": catalogue}
    _refuse_what_does_not_fit(to, processes, rate)
    if ledger is not None:
        Ledger.require_writable(ledger)
    store = _landing_store(ctx, to, landing)
    truth, began = Ledger(counts_only=ledger is None), time.monotonic()
    if rate is not None:
        settings = go_live(LiveOptions(rate, position, config, given, to), truth, store)
    else:
        settings = _settings(config, given)
        truth = _history(ctx, settings, to, processes, truth)
        if store is not None:
            land_episodes(settings, store)
    if truth_folder is not None:
        write_truth(settings, truth_folder)
    if ledger is not None:
        truth.bots = bot_ids(settings)
        truth.write(ledger)
    tell(summary(truth, ledger, time.monotonic() - began), as_json=as_json)


def _refuse_what_does_not_fit(to: str, processes: int, rate: float | None) -> None:
    if to != BULK and processes > 1:
        raise BackbeatError(f"--processes {processes}: several only with --to {BULK}")
    if to == BULK and rate is not None:
        raise BackbeatError(f"--rate {rate:g}: not with --to {BULK}, which is for what has been")


def _settings(path: Path | None, given: dict[str, Any]) -> SimulationConfig:
    settings = load_config(path, default_end=_today(), **given)
    if settings.end > _today() + timedelta(days=1):
        raise BackbeatError(f"end: {settings.end:%Y-%m-%d} lies in the future")
    return settings


def _history(
    ctx: typer.Context, settings: SimulationConfig, to: str, processes: int, truth: Ledger
) -> Ledger:
    """Simulate all of a history; what has been written down of it."""
    if to == BULK:
        return _land(ctx, settings, processes, with_ledger=not truth.counts_only)
    _send(settings, truth, to)
    return truth


def _today() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _landing_store(ctx: typer.Context, to: str, landing: Path | None) -> LakeStore | None:
    """Where the episodes CSV goes: the folder asked for, else the lake if the events go there."""
    if landing is not None:
        return LandingFolder(landing)
    if to not in {"kafka", BULK} or not ctx.obj:
        return None
    store: LakeStore = ctx.obj["store_for"](KafkaSettings().lake)
    return store


def _progress(disable: bool) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=_stderr, disable=disable)


@contextmanager
def _told(config: SimulationConfig) -> Iterator[Callable[[int], None]]:
    """Events, rate and time left on stderr; yields what to call with the number of further events."""
    with _progress(disable=not _stderr.is_terminal) as progress:
        task = progress.add_task("simulating", total=config.events, rate="")

        def tell(events: int) -> None:
            progress.update(task, advance=events, rate=_rate(progress, task))

        yield tell


def _land(ctx: typer.Context, settings: SimulationConfig, processes: int, *, with_ledger: bool) -> Ledger:
    """Write everything straight into the lake."""
    if not ctx.obj:
        raise BackbeatError(f"--to {BULK}: is for the `backbeat` command, which knows how a lake is written")
    order = Order(settings, KafkaSettings().lake, with_ledger)
    with _told(settings) as tell:
        return land(order, ctx.obj["bulk_for"], processes, tell)


def _send(settings: SimulationConfig, truth: Ledger, to: str) -> None:
    """Simulate and publish everything."""
    with destination(to) as (target, finish):
        with _told(settings) as tell:
            for batch in simulate(settings, truth):
                target.publish_many(batch.topic, batch.keys, batch.values)
                tell(len(batch))
        with _stderr.status("making sure of every event") as status:
            finish(lambda landed, sent: status.update(f"landing: {landed:,} of {sent:,} events"))


def _rate(progress: Progress, task: Any) -> str:
    speed = progress.tasks[task].speed
    return "" if speed is None else f"{speed:,.0f} events/s"
