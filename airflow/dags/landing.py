"""### Landing: files that people drop

Looks every ten minutes for files under `landing/inbox/` of the lake (a folder there names the listener whose
files are in it), imports them, and archives each by its SHA-256. `hourly` follows. What is nothing to import
is archived under `archive/refused/`, and told like a failure.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from orchestration.command import backbeat
from orchestration.parts import BRONZE, LANDING, dag_arguments


@task(outlets=[LANDING])
def look() -> int:
    """How many files are waiting; skipped, and with it the rest, when there is none."""
    waiting = backbeat("inbox", "--list")
    if not waiting:
        raise AirflowSkipException("no file is waiting")
    return len(waiting)


@task(inlets=[LANDING], outlets=[BRONZE])
def take() -> Any:
    """Import and archive what is waiting."""
    from serving.schedule.alert import Alert, send  # noqa: PLC0415 -- only needed when something was refused
    from serving.schedule.settings import AlertSettings  # noqa: PLC0415

    taken = backbeat("inbox")
    for one in taken["refused"]:
        send(Alert(f"Backbeat: {one['name']} is nothing to import", one["reason"]), AlertSettings())
    return taken


@dag(
    dag_id="landing",
    schedule=CronTriggerTimetable("*/10 * * * *", timezone="UTC"),
    **dag_arguments("landing", docs=__doc__),
)
def landing() -> None:
    """The flow of a dropped file."""
    look() >> take()


landing()
