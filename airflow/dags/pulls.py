"""### Pulls: what platforms tell programs

`backbeat pull` each night, before `daily` builds the artist's business of it: every account whose key is set
(`BACKBEAT_META_ADS_TOKEN` and others), from where its last pull ended. Skipped where no key is. An account
that refuses is told, and keeps no other from being pulled.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from orchestration.command import backbeat
from orchestration.parts import dag_arguments


@task
def look() -> int:
    """How many accounts can be pulled; skipped, and with it the rest, when there is none."""
    accounts = backbeat("pull", "--list")
    if not accounts:
        raise AirflowSkipException("no platform has a key")
    return len(accounts)


@task
def pull() -> Any:
    """Pull them and land what they tell; a retry goes on where it broke off."""
    return backbeat("pull")


@dag(
    dag_id="pulls",
    schedule=CronTriggerTimetable("30 2 * * *", timezone="UTC"),
    **dag_arguments("pulls", docs=__doc__),
)
def pulls() -> None:
    """The flow of a night."""
    look() >> pull()


pulls()
