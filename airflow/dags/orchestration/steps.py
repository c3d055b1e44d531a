"""The steps between a lake and its readers, as tasks over the functions that `backbeat build` call."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowFailException

from contracts.errors import BackbeatError
from orchestration.command import backbeat
from orchestration.parts import DASHBOARDS, GOLD, SETTINGS, WAREHOUSE_POOL, lake

_HOUR = "%Y-%m-%dT%H"


@task.short_circuit
def fresh(*, hourly: bool) -> bool:
    """Whether anything has changed since the last build; if not, the rest of the run is skipped."""
    from serving.refresh import due  # noqa: PLC0415 -- a DAG is parsed often; only tasks need DuckDB

    reason = due(SETTINGS, lake(), hourly=hourly)
    print(reason or "nothing new")  # noqa: T201 -- the task's log
    return bool(reason)


@task
def validate(data_interval_start: datetime | None = None) -> Any:
    """Whether what landed has the contract's columns and mostly fits it; if not, no retry will help."""
    hours = (
        []
        if data_interval_start is None
        else ["--from", f"{data_interval_start - timedelta(hours=1):{_HOUR}}"]
    )
    try:
        return backbeat("lake", "check", "--share", str(SETTINGS.airflow_malformed_share), *hours)
    except BackbeatError as error:
        raise AirflowFailException(str(error)) from error


@task(pool=WAREHOUSE_POOL, outlets=[GOLD])
def transform(*, hourly: bool = False) -> dict[str, Any]:
    """One `dbt build`; a model that fails fails this task, a test is left to the gate."""
    return _make(hourly=hourly)


def rebuild(days: tuple[date, date]) -> dict[str, Any]:
    """One `dbt build` that makes these days anew: the first, and the one to end before."""
    return _make(hourly=True, days=days)


def _make(*, hourly: bool, days: tuple[date, date] | None = None) -> dict[str, Any]:
    from serving.build import Scope  # noqa: PLC0415 -- as above
    from serving.refresh import make  # noqa: PLC0415

    made = make(SETTINGS, lake(), print, scope=Scope(hourly, days))
    if made.run is None:
        return {"nodes": 0}
    return {"scope": made.run.scope, "nodes": len(made.run.nodes), "seconds": made.run.seconds}


@task
def what_is_there() -> dict[str, str]:
    """What a build that is not ours will read, noted before it begins: what lands later it may not see."""
    from serving.refresh import now  # noqa: PLC0415 -- as above

    return now(SETTINGS, lake())


@task(outlets=[GOLD])
def adopt(read: dict[str, str]) -> None:
    """Note that a build that is not ours has read that, and passed."""
    from serving.refresh import note_build  # noqa: PLC0415 -- as above

    note_build(SETTINGS, read)


@task(pool=WAREHOUSE_POOL)
def quality_gate() -> int:
    """Stop what a test of the last build refuses: it is not published, and no retry will help."""
    from serving.refresh import gate  # noqa: PLC0415 -- as above

    try:
        run = gate(SETTINGS, lake())
    except BackbeatError as error:
        raise AirflowFailException(str(error)) from error
    return len(run.nodes) if run else 0


@task(pool=WAREHOUSE_POOL, inlets=[GOLD], outlets=[DASHBOARDS])
def publish() -> dict[str, Any]:
    """Hand gold to the app as a new snapshot, and to PostgreSQL where that is wanted.

    Snowflake's readers read it where it is.
    """
    from serving.refresh import hand_on  # noqa: PLC0415 -- as above

    if SETTINGS.target != "duckdb":
        return {"snapshot": None}
    facts = hand_on(SETTINGS, lake())
    if SETTINGS.airflow_postgres:
        from serving.postgres.publish import publish_postgres  # noqa: PLC0415 -- as above
        from serving.postgres.settings import PostgresSettings  # noqa: PLC0415 -- as above

        facts |= {"postgres": publish_postgres(PostgresSettings())}
    return facts
