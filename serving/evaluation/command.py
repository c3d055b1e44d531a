"""`backbeat evaluate`: our recommendations beside the field's usual models."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from contracts.errors import BackbeatError
from serving.kept_evaluation import keep
from serving.settings import ServingSettings

if TYPE_CHECKING:
    from collections.abc import Collection

    from serving.evaluation.ranker import Tell
    from serving.evaluation.split import Split

_SEED = 7


def evaluate_command(
    data: Annotated[
        Path | None,
        typer.Option(help="A folder with user_artists.dat (HetRec 2011); default: the warehouse's plays."),
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(help="Folder of `backbeat simulate --truth`: also against what listeners truly like."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="This model alone, or these: give it several times.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of what is held out, drawn and begun at random.")] = _SEED,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object as the last line of stdout.")
    ] = False,
) -> None:
    """Measure our recommendations beside popularity, BM25, ALS, BPR and EASE, on listening held out.

    Of a log the last days are held out, of counts a tenth of each user's items; everything not heard before
    is ranked. Each model's settings are chosen on a part of what it may see. What all models make
    of the warehouse is kept (BACKBEAT_EVALUATION), and is in the next snapshot.
    """
    if data is not None and truth is not None:
        raise BackbeatError("--truth tells of a simulation's warehouse: it does not go with --data")
    settings, console = ServingSettings(), Console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        shown = progress.add_task("reading")
        result = evaluate(
            settings, data, truth, seed, lambda text: progress.update(shown, description=text), only
        )
    if data is None and not only:
        keep(result, settings.evaluation)
    if as_json:
        typer.echo(json.dumps(result))
    else:
        from serving.evaluation.table import rendered  # noqa: PLC0415 - as in `evaluate`

        Console().print(rendered(result))


def evaluate(  # noqa: PLR0913, PLR0917 - what, against what, and how
    settings: ServingSettings,
    data: Path | None,
    truth: Path | None,
    seed: int,
    tell: Tell,
    only: Collection[str] | None = None,
) -> dict[str, Any]:
    """All models, or `only` some, on the folder `data` or on the warehouse: `Contest.result`.

    `tell` hears how far it is. Raises BackbeatError where data or truth cannot be read, or do not fit.
    """
    # Here, because SciPy and implicit take a second to load, and `backbeat app` needs neither.
    from serving.evaluation.contest import Contest  # noqa: PLC0415
    from serving.evaluation.field import rankers  # noqa: PLC0415
    from serving.evaluation.taste import read_taste  # noqa: PLC0415

    found = rankers(seed, tell)
    if unknown := set(only or ()) - set(found):
        raise BackbeatError(f"--only {min(unknown)}: the models are {', '.join(found)}")
    found = {name: ranker for name, ranker in found.items() if not only or name in only}
    split = _split(settings, data, seed)
    contest = Contest(split, seed, None if truth is None else read_taste(truth, split))
    for name, ranker in found.items():
        contest.enter(name, ranker)
    return {**contest.result(), "evaluated_at": datetime.now(UTC).isoformat(timespec="seconds")}


def _split(settings: ServingSettings, data: Path | None, seed: int) -> Split:
    from serving.evaluation.holdout import hold_out  # noqa: PLC0415 - as above
    from serving.evaluation.interactions import read_folder  # noqa: PLC0415
    from serving.evaluation.log import split_by_time  # noqa: PLC0415

    return split_by_time(settings.warehouse, seed) if data is None else hold_out(read_folder(data), seed)
