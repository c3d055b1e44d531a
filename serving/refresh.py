"""Build and publish, each only when there is a reason to."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from serving import built
from serving.build import ROOT, build, child_environment, ensure_profile
from serving.built import Built
from serving.inputs import Lake, inputs
from serving.publish import publish
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


def refresh(  # noqa: PLR0913 - the last three say what for and where
    settings: ServingSettings,
    lake: Lake,
    tell: Tell,
    *,
    always: bool = False,
    hourly: bool = False,
    root: Path = ROOT,
) -> Refreshed:
    """Build the warehouse if anything it reads has changed since the last whole build, then publish it.

    `tell` hears why dbt is started. `always` starts it without a reason; `hourly` makes only what an hour
    changes, which is no whole build. Raises BackbeatError as `build` and `publish` do.
    """
    ensure_profile(root)
    # Before the build: what lands while it runs it may not have seen, and the next refresh will.
    now = inputs(lake, root, child_environment(settings, os.environ))
    note, reason = built.read(settings.warehouse), "there is no whole build yet"
    if note:
        reason = note.outdated(now, settings.warehouse) or ("asked to" if always else "")
    seconds = None
    if note is None or reason:
        tell(f"building: {reason}")
        note, seconds = _build(settings, now, root, hourly)
        if hourly:
            return Refreshed(hand_over(settings, only_changes=True), note.began_at, seconds, published=True)
    if note.published and _stands(note.published, settings):
        return Refreshed(note.published, note.began_at, seconds, published=False)
    facts = hand_over(settings)
    built.write(settings.warehouse, replace(note, published=facts))
    return Refreshed(facts, note.began_at, seconds, published=True)


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


def _build(settings: ServingSettings, now: dict[str, str], root: Path, hourly: bool) -> tuple[Built, float]:
    began = datetime.now(UTC).isoformat(timespec="seconds")
    built.forget(settings.warehouse)
    seconds = build(settings, root, selector="hourly" if hourly else None)
    note = Built(began, now, built.traces(settings.warehouse))
    if not hourly:
        built.write(settings.warehouse, note)
    return note, seconds


def _stands(facts: dict[str, Any], settings: ServingSettings) -> bool:
    """Whether the snapshot is still the newest one: else somebody removed it, or published another."""
    found = newest(settings.snapshots)
    return found is not None and str(found) == facts["snapshot"]
