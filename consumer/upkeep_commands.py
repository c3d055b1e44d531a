"""`backbeat lake compact`, `archive`, `restore`, `files`: few large objects, not many small ones; `check`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from contracts.errors import BackbeatError
from contracts.events import TOPICS
from contracts.gates import BRONZE_SILVER, require_passed
from contracts.lake import Slot

upkeep = typer.Typer()

_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H", "%Y-%m-%dT%H:%M:%S"]
_Topics = Annotated[list[str] | None, typer.Option("--topic", help="Only this topic; may be repeated.")]
_From = Annotated[
    datetime | None, typer.Option("--from", formats=_FORMATS, help="The first hour (UTC) that landed.")
]
_To = Annotated[datetime | None, typer.Option("--to", formats=_FORMATS, help="The hour (UTC) to end before.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, one line an hour.")]
_Json = Annotated[bool, typer.Option("--json", help="End with the totals as one JSON object.")]


@upkeep.command()
def compact(
    topic: _Topics = None,
    start: _From = None,
    end: _To = None,
    *,
    dry_run: _DryRun = False,
    as_json: _Json = False,
) -> None:
    """Merge the small objects of closed hours into few large ones, which `backbeat lake files` names.

    Bronze stays as it is. May run at any time, also twice at once. Settings: BACKBEAT_COMPACT_*.
    """
    from consumer.compact.compactor import Compactor  # noqa: PLC0415 -- Arrow, which others need not load
    from consumer.settings import UpkeepSettings  # noqa: PLC0415
    from consumer.store import store_for  # noqa: PLC0415
    from consumer.upkeep_progress import UpkeepProgress  # noqa: PLC0415

    settings, window = UpkeepSettings(), (_utc(start), _utc(end))
    with UpkeepProgress("compacted") as progress:
        compactor = Compactor(store_for(settings.lake, settings), settings, progress)
        if dry_run:
            jobs = compactor.plan(_chosen(topic), window)
            _tell_plan([(job.slot, len(job.objects)) for job in jobs], as_json)
            return
        report = compactor.run(_chosen(topic), window)
    _tell([], report.summary(), as_json)


@upkeep.command()
def archive(  # noqa: PLR0913 -- one parameter an option
    topic: _Topics = None,
    start: _From = None,
    end: _To = None,
    *,
    delete: Annotated[
        bool, typer.Option(help="Drop the objects instead of moving them: compacted ones hold their rows.")
    ] = False,
    dry_run: _DryRun = False,
    as_json: _Json = False,
) -> None:
    """Move compacted hours older than BACKBEAT_ARCHIVE_AFTER_DAYS from bronze into archive/bronze.

    Each is read again before that and must hold what its fences decided. Who globs bronze sees those hours
    no more; `backbeat lake files` still names their rows. Refused while the gate bronze→silver is shut.
    """
    from consumer.archive.archiver import Archiver  # noqa: PLC0415
    from consumer.settings import UpkeepSettings  # noqa: PLC0415
    from consumer.store import store_for  # noqa: PLC0415
    from consumer.upkeep_progress import UpkeepProgress  # noqa: PLC0415

    settings, window = UpkeepSettings(), (_utc(start), _utc(end))
    require_passed(settings.warehouse, BRONZE_SILVER)
    with UpkeepProgress("archived") as progress:
        archiver = Archiver(store_for(settings.lake, settings), settings, progress, keep=not delete)
        if dry_run:
            found = archiver.plan(_chosen(topic), window)
            _tell_plan([(one.slot, len(one.sources)) for one in found], as_json)
            return
        report = archiver.run(_chosen(topic), window)
    _tell([], report.summary(), as_json)


@upkeep.command()
def restore(topic: _Topics = None, start: _From = None, end: _To = None, *, as_json: _Json = False) -> None:
    """Put archived hours back into bronze, as they were: for a full build of the warehouse.

    The archive keeps its copies; the next `backbeat lake archive` takes the hours out of bronze again.
    """
    from consumer.archive.restore import restore as run_restore  # noqa: PLC0415
    from consumer.settings import UpkeepSettings  # noqa: PLC0415
    from consumer.store import store_for  # noqa: PLC0415
    from consumer.upkeep_progress import UpkeepProgress  # noqa: PLC0415

    settings = UpkeepSettings()
    store = store_for(settings.lake, settings)
    with UpkeepProgress("restored") as progress:
        report = run_restore(store, _chosen(topic), (_utc(start), _utc(end)), progress)
    _tell([], report.summary(), as_json)


@upkeep.command()
def files(topic: str, start: _From = None, end: _To = None, *, as_json: _Json = False) -> None:
    """Name the objects that hold every row of TOPIC exactly once: compacted where there are such.

    One address a line, or with --json each with what is known of it. Read them within
    BACKBEAT_SINK_PUT_SECONDS; then ask again.
    """
    from consumer.compact.files import list_files  # noqa: PLC0415
    from consumer.settings import UpkeepSettings  # noqa: PLC0415
    from consumer.store import store_for  # noqa: PLC0415

    (chosen,) = _chosen([topic])
    settings = UpkeepSettings()
    root = settings.lake.rstrip("/")
    found = list_files(store_for(settings.lake, settings), chosen, (_utc(start), _utc(end)))
    if not as_json:
        for file in found:
            typer.echo(f"{root}/{file.key}")
        return
    described = [
        {
            "path": f"{root}/{file.key}",
            "hour": f"{file.hour:%Y-%m-%dT%H}" if file.hour else None,
            "compacted": file.compacted,
            "rows": file.rows,
            "bytes": file.size,
        }
        for file in found
    ]
    typer.echo(json.dumps({"topic": chosen, "files": described}))


@upkeep.command("check")
def check_command(
    topic: _Topics = None,
    start: _From = None,
    end: _To = None,
    *,
    share: Annotated[
        float, typer.Option(min=0, max=1, help="Of a topic's records, how many may be malformed.")
    ] = 0.5,
    as_json: _Json = False,
) -> None:
    """Exit 1 if what landed in these hours (default: this one and the last) is not fit to be transformed.

    Objects must have the contract's columns, and not too many records may have failed it.
    """
    from consumer.settings import UpkeepSettings  # noqa: PLC0415
    from consumer.store import store_for  # noqa: PLC0415
    from contracts.landed import check  # noqa: PLC0415 -- as above

    settings, now = UpkeepSettings(), datetime.now(UTC)
    hours = (_utc(start) or now - timedelta(hours=1), _utc(end) or now)
    checked = check(store_for(settings.lake, settings), _chosen(topic), hours)
    totals = {
        "objects": sum(one.objects for one in checked),
        "rows": sum(one.rows for one in checked),
        "malformed": sum(one.malformed for one in checked),
    }
    _tell([], totals, as_json)
    if refusals := [words for one in checked if (words := one.refusal(share))]:
        raise BackbeatError("; ".join(refusals))


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _chosen(topics: list[str] | None) -> list[str]:
    if unknown := sorted(set(topics or ()) - TOPICS.keys()):
        raise BackbeatError(f"topic {', '.join(unknown)}: the contract has {', '.join(TOPICS)}")
    return topics or list(TOPICS)


def _tell_plan(plan: list[tuple[Slot, int]], as_json: bool) -> None:
    """The hours of a dry run, each with its number of objects."""
    lines = [f"{slot.line.topic} {slot.hour:%Y-%m-%dT%H} {count}" for slot, count in plan]
    _tell(lines, {"hours": len(plan), "objects": sum(count for _, count in plan)}, as_json)


def _tell(lines: list[str], totals: dict[str, int], as_json: bool) -> None:
    """Lines for people, totals for programs."""
    for line in lines:
        typer.echo(line)
    typer.echo(json.dumps(totals) if as_json else ", ".join(f"{name} {n:,}" for name, n in totals.items()))
