"""The one failure call-back: log, webhook and mail, with the run's link and what the failing model says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from airflow.sdk.configuration import conf


def failed(context: Mapping[str, Any]) -> None:
    """Tell of a task that failed for good; `context` is Airflow's."""
    from serving.schedule.alert import Alert, send  # noqa: PLC0415 -- a DAG is parsed often, and this runs rarely
    from serving.schedule.settings import AlertSettings  # noqa: PLC0415

    instance = context["ti"]
    title = f"Backbeat: {instance.dag_id}.{instance.task_id} failed"
    error = context.get("exception")
    words = str(error) if error else "the task ended without a word: it was killed, or its machine went away"
    link = _link(instance.dag_id, instance.run_id, instance.task_id)
    send(Alert(title, words, link), AlertSettings())


async def deadline_missed(minutes: float, context: Mapping[str, Any] | None = None, **_: Any) -> None:
    """Tell of a run that takes too long; it goes on."""
    from serving.schedule.alert import Alert, send  # noqa: PLC0415 -- as above
    from serving.schedule.settings import AlertSettings  # noqa: PLC0415

    run = (context or {}).get("dag_run", {})
    dag_id, run_id = run.get("dag_id", "a run"), run.get("dag_run_id", "")
    alert = Alert(f"Backbeat: {dag_id} takes longer than {minutes:g} minutes", link=_link(dag_id, run_id))
    await asyncio.to_thread(send, alert, AlertSettings())


def _link(dag_id: str, run_id: str, task_id: str = "") -> str:
    base = str(conf.get("api", "base_url", fallback="http://localhost:8080")).rstrip("/")
    return f"{base}/dags/{dag_id}/runs/{run_id}" + (f"/tasks/{task_id}" if task_id else "")
