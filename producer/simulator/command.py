"""`backbeat simulate`: make events and send them off.

The front door gives `ctx.obj["store_for"]`, a function from the lake's address (`BACKBEAT_LAKE`) to
a store, and `ctx.obj["bulk_for"]` (see `contracts.bulk`). This room does not know how a lake is stored.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from contracts.errors import BackbeatError
from contracts.events import TOPICS
from producer.settings import KafkaSettings
from producer.simulator.bulk import Order
from producer.simulator.config import SimulationConfig, load_config
from producer.simulator.crew import land
from producer.simulator.destination import destination
from producer.simulator.landing import LakeStore, LandingFolder, land_episodes
from producer.simulator.ledger import Ledger
from producer.simulator.simulate import simulate

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
    to: Annotated[
        str, typer.Option(help="kafka, jsonl:DIR (one file per topic), or bulk: straight into the lake.")
    ] = "kafka",
    processes: Annotated[
        int, typer.Option(min=1, help="With --to bulk: how many; the objects are the same.")
    ] = 1,
    landing: Annotated[
        Path | None, typer.Option(help="Folder for the episodes CSV; default: the lake's, but for jsonl.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
) -> None:
    """Simulate listeners and publish their events, with a ledger of the defects planted among them."""
    given = {"events": events, "days": days, "seed": seed, "users": users, "end": end, "catalogue": catalogue}
    settings = load_config(config, default_end=_today(), **given)
    if settings.end > _today() + timedelta(days=1):
        raise BackbeatError(f"end: {settings.end:%Y-%m-%d} lies in the future")
    truth = Ledger(counts_only=ledger is None)
    if ledger is not None:
        Ledger.require_writable(ledger)
    if to != BULK and processes > 1:
        raise BackbeatError(f"--processes {processes}: several only with --to {BULK}")
    store = _landing_store(ctx, to, landing)
    began = time.monotonic()
    if to == BULK:
        truth = _land(ctx, settings, processes, with_ledger=ledger is not None)
    else:
        _send(settings, truth, to)
    if store is not None:
        land_episodes(settings, store)
    if ledger is not None:
        truth.write(ledger)
    _tell(_summary(truth, ledger, time.monotonic() - began), as_json=as_json)


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


def _summary(truth: Ledger, path: Path | None, seconds: float) -> dict[str, Any]:
    totals = truth.totals()
    by_topic = {topic: totals[topic]["produced"] for topic in TOPICS if topic in totals}
    return {
        "produced": sum(by_topic.values()),
        "by_topic": by_topic,
        "expected_accepted": sum(topic["expected_accepted"] for topic in totals.values()),
        "expected_rejected": sum(topic["expected_rejected"] for topic in totals.values()),
        "ledger": None if path is None else str(path),
        "seconds": round(seconds, 2),
    }


def _tell(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(summary))
        return
    table = Table("topic", "events", title="Simulated")
    table.columns[1].justify = "right"
    for topic, events in summary["by_topic"].items():
        table.add_row(topic, f"{events:,}")
    table.add_section()
    for name in ("produced", "expected_accepted", "expected_rejected"):
        table.add_row(name.replace("_", " "), f"{summary[name]:,}")
    _stderr.print(table)
    rate = summary["produced"] / max(summary["seconds"], 0.01)
    _stderr.print(f"{summary['seconds']:,.1f} s, {rate:,.0f} events/s")
