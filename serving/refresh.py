"""Build and publish, each only when there is a reason to."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.errors import BackbeatError
from serving import built
from serving.build import ROOT, Scope, build, child_environment, ensure_profile, refuse_failed_tests
from serving.built import Built
from serving.gates.flow import note_failed, pass_archive, pass_build, pass_landing
from serving.inputs import Lake, inputs
from serving.publish import publish
from serving.run_history import Run, read
from serving.settings import ServingSettings
from serving.snapshot import newest

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Refreshed:
    """The facts of the snapshot that stands now, since when, and how long dbt took (None: it did not run)."""

    facts: dict[str, Any]
    since: str
    build_seconds: float | None
    published: bool


@dataclass(frozen=True)
class Made:
    """The note of the build that stands, and what this call ran (None: nothing had changed)."""

    note: Built
    run: Run | None


def refresh(  # noqa: PLR0913 - the last three say what for and where
    settings: ServingSettings,
    lake: Lake,
    tell: Tell,
    *,
    always: bool = False,
    hourly: bool = False,
    root: Path = ROOT,
) -> Refreshed:
    """Build the warehouse if anything it reads has changed since the last build, then publish it.

    `tell` hears why dbt is started. `always` starts it without a reason; `hourly` makes only what an hour
    changes, which is no whole build. Raises BackbeatError as `build` and `publish` do, and for a failed test.
    """
    made = make(settings, lake, tell, always=always, scope=Scope(hourly=hourly), root=root)
    if made.run:
        _refuse(settings, made.run, root)
    seconds = made.run.seconds if made.run else None
    if made.note.published and _stands(made.note.published, settings):
        return Refreshed(made.note.published, made.note.began_at, seconds, published=False)
    pass_build(settings, lake, made.note.began_at, hourly=made.note.hourly)
    return Refreshed(hand_on(settings, lake), made.note.began_at, seconds, published=True)


def hand_on(settings: ServingSettings, lake: Lake) -> dict[str, Any]:
    """Publish what the last build made, and note that it is published; the snapshot's facts.

    After an hourly build only what differs is written. Raises BackbeatError as `publish` does, and when gold
    lacks what was archived.
    """
    note = built.read(settings.warehouse)
    facts = hand_over(settings, only_changes=note is not None and note.hourly)
    if note:
        built.write(settings.warehouse, replace(note, published=facts))
        pass_archive(settings, lake, note.began_at, hourly=note.hourly)
    return facts


def make(  # noqa: PLR0913 - as `refresh`
    settings: ServingSettings,
    lake: Lake,
    tell: Tell,
    *,
    always: bool = False,
    scope: Scope = Scope(),  # noqa: B008 - frozen
    root: Path = ROOT,
) -> Made:
    """Build the warehouse if there is a reason to; nothing is published.

    A warehouse that is not there is built whole, whatever was asked for. Raises BackbeatError when a model
    fails. Where only tests fail, they are in the run, and there is no note: the next call builds again.
    """
    ensure_profile(root)
    # Before the build: what lands while it runs it may not have seen, and the next one will.
    read_now = now(settings, lake, root)
    note = built.read(settings.warehouse)
    reason = _reason(note, read_now, settings, hourly=not scope.whole) or (
        "asked to" if always else f"asked for {scope}" if scope.days else ""
    )
    if note and not reason:
        return Made(note, None)
    tell(f"building: {reason}")
    if settings.target == "duckdb" and not settings.warehouse.exists():
        scope = Scope()  # hourly leaves out seeds, among others
    pass_landing(settings, lake)
    began = datetime.now(UTC).isoformat(timespec="seconds")
    built.forget(settings.warehouse)
    run = build(settings, root, scope=scope)
    note = Built(began, read_now, built.traces(settings.warehouse), hourly=not scope.whole)
    if not run.failed_tests:
        built.write(settings.warehouse, note)
    return Made(note, run)


def due(settings: ServingSettings, lake: Lake, *, hourly: bool = False, root: Path = ROOT) -> str:
    """Why a build or a publish is due, in words; empty when nothing has changed since the last ones."""
    ensure_profile(root)
    note = built.read(settings.warehouse)
    reason = _reason(note, now(settings, lake, root), settings, hourly=hourly)
    if note and not reason and settings.target == "duckdb":
        stands = note.published is not None and _stands(note.published, settings)
        return "" if stands else "the last build is not published"
    return reason


def now(settings: ServingSettings, lake: Lake, root: Path = ROOT) -> dict[str, str]:
    """What a build would read now → its digest."""
    return inputs(lake, root, child_environment(settings, os.environ))


def note_build(settings: ServingSettings, read_then: dict[str, str]) -> None:
    """Write down that an hourly build made by somebody else has read `read_then`, and passed its tests."""
    began = datetime.now(UTC).isoformat(timespec="seconds")
    built.write(settings.warehouse, Built(began, read_then, built.traces(settings.warehouse), hourly=True))


def gate(settings: ServingSettings, lake: Lake, root: Path = ROOT) -> Run | None:
    """The last build, if its tests and the gates after a build let it be published; BackbeatError naming what
    does not. None: no build has been written down, so there is nothing against it.
    """
    runs = read(settings.warehouse)
    if not runs:
        return None
    if runs[-1].broken_models:
        raise BackbeatError(
            f"the last build failed at {runs[-1].broken_models[0].name}: publish after a good one"
        )
    _refuse(settings, runs[-1], root)
    note = built.read(settings.warehouse)
    hourly = note.hourly if note else runs[-1].scope != str(Scope())
    pass_build(settings, lake, note.began_at if note else runs[-1].began_at, hourly=hourly)
    return runs[-1]


def hand_over(settings: ServingSettings, *, only_changes: bool = False) -> dict[str, Any]:
    """Publish the warehouse as it is; returns the snapshot's facts, as JSON has them. See `publish`."""
    published = publish(
        settings.warehouse,
        settings.snapshots,
        keep=settings.snapshots_kept,
        rejected_sample=settings.rejected_sample,
        only_changes=only_changes,
        evaluation=settings.evaluation,
    )
    return {
        "snapshot": str(published.path),
        "published_at": published.published_at.isoformat(timespec="microseconds"),
        "tables": len(published.rows),
        "rows": sum(published.rows.values()),
        "bytes": published.size,
        "seconds": round(published.seconds, 3),
        "removed": published.removed,
    }


def _refuse(settings: ServingSettings, run: Run, root: Path) -> None:
    """BackbeatError for the tests that failed in `run`, which are written down at their gates."""
    note_failed(settings, run.failed_tests, root)
    refuse_failed_tests(run)


def _reason(note: Built | None, read_now: dict[str, str], settings: ServingSettings, *, hourly: bool) -> str:
    if note is None:
        return "there is no whole build yet"
    return note.outdated(read_now, settings.warehouse, hourly=hourly) or ""


def _stands(facts: dict[str, Any], settings: ServingSettings) -> bool:
    """Whether the snapshot is still the newest one: else somebody removed it, or published another."""
    found = newest(settings.snapshots)
    return found is not None and str(found) == facts["snapshot"]
