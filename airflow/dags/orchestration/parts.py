"""What the DAGs share: settings, assets, the pool, and what every DAG and task is given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, AsyncCallback, DeadlineAlert, DeadlineReference

from orchestration.callbacks import deadline_missed, failed
from serving.schedule.settings import ScheduleSettings

if TYPE_CHECKING:
    from serving.inputs import Lake

SETTINGS = ScheduleSettings()

# DuckDB has one writer, and its file is read whole when it is published: one task at a time.
WAREHOUSE_POOL = "warehouse"

LANDING = Asset(name="landing", uri="x-backbeat://lake/landing", group="backbeat")
BRONZE = Asset(name="bronze", uri="x-backbeat://lake/bronze", group="backbeat")
GOLD = Asset(name="gold", uri="x-backbeat://warehouse/gold", group="backbeat")
DASHBOARDS = Asset(name="dashboards", uri="x-backbeat://snapshots/newest", group="backbeat")

# The first moment the schedules look after; a fixed one where none is set, and then nothing is caught up.
SINCE = SETTINGS.airflow_since or datetime(2026, 1, 1, tzinfo=UTC)


def dag_arguments(*tags: str, docs: str | None, **more: Any) -> dict[str, Any]:
    """What each DAG is given, besides its schedule: owner, retries, time-outs, call-back, docs and tags."""
    return {
        "start_date": SINCE.replace(tzinfo=SINCE.tzinfo or UTC),
        "catchup": False,
        "max_active_runs": 1,
        "dagrun_timeout": timedelta(minutes=3 * SETTINGS.airflow_task_minutes),
        "doc_md": docs,
        "tags": ["backbeat", *tags],
        "default_args": {
            "owner": SETTINGS.airflow_owner,
            "retries": SETTINGS.airflow_retries,
            "retry_delay": timedelta(seconds=SETTINGS.airflow_retry_seconds),
            "retry_exponential_backoff": 2.0,
            "max_retry_delay": timedelta(minutes=30),
            "execution_timeout": timedelta(minutes=SETTINGS.airflow_task_minutes),
            "on_failure_callback": failed,
        },
        **more,
    }


def deadline(minutes: float) -> DeadlineAlert:
    """Tell when a run takes longer than that, from when it was queued."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=minutes),
        callback=AsyncCallback(deadline_missed, kwargs={"minutes": minutes}),
    )


def lake() -> Lake:
    """The lake as the warehouse's room lists it."""
    if "://" not in SETTINGS.lake:
        from serving.folder import Folder  # noqa: PLC0415 -- a DAG is parsed often, and this runs in tasks

        return Folder(Path(SETTINGS.lake))
    from consumer.store import store_for  # noqa: PLC0415 -- as above

    return store_for(SETTINGS.lake)
