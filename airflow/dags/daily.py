"""### Daily: whole histories, and housekeeping

`dbt build` of everything with every test (recommendations and lives of users among it, and the snapshots of
users and episodes) → gate → publish → docs. Beside it, closed hours of the lake are compacted; when what is
in them has been built, hours older than `BACKBEAT_ARCHIVE_AFTER_DAYS` go to the archive.

A day that was missed is not made up for: the next run builds all there is.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronDataIntervalTimetable, dag, task

from orchestration.command import backbeat
from orchestration.parts import SETTINGS, WAREHOUSE_POOL, dag_arguments
from orchestration.steps import publish, quality_gate, transform


@task
def compact() -> Any:
    """Merge the small objects of closed hours."""
    return backbeat("lake", "compact")


@task
def archive() -> Any:
    """Take compacted hours that have aged, and that the warehouse has read, out of bronze."""
    return backbeat("lake", "archive")


@task(pool=WAREHOUSE_POOL)
def docs() -> str:
    """Write the warehouse's documentation, one file."""
    from serving.build import write_docs  # noqa: PLC0415 -- only tasks need it

    return str(write_docs(SETTINGS))


@dag(
    dag_id="daily",
    schedule=CronDataIntervalTimetable("30 3 * * *", timezone="UTC"),
    **dag_arguments("daily", docs=__doc__),
)
def daily() -> None:
    """The flow of a day."""
    passed = quality_gate()
    transform() >> passed >> publish() >> docs()
    [passed, compact()] >> archive()


daily()
