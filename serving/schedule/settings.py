"""Settings of the schedule."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr

from contracts.settings import Settings
from serving.settings import ServingSettings


class AlertSettings(Settings):
    """Who is told when a scheduled run fails; `backbeat alert` tries it."""

    alert_webhook: SecretStr = Field(
        SecretStr(""), description="Slack-compatible webhook that hears of failures; empty: none."
    )
    alert_email_to: str = Field(
        "", description="Addresses that hear of failures, comma-separated; empty: none."
    )
    alert_email_from: str = Field("backbeat@localhost", description="Sender of these mails.")
    alert_smtp: str = Field("localhost:25", description="host:port of the mail server; port 465 speaks TLS.")
    alert_smtp_user: str = Field("", description="Its user; empty: no log-in.")
    alert_smtp_password: SecretStr = Field(SecretStr(""), description="The password of that user.")


class ScheduleSettings(ServingSettings):
    """What the DAGs in airflow/dags read besides: when things run, and how patiently."""

    airflow_since: datetime | None = Field(
        None,
        description="The first moment (UTC) the schedules look after: hours missed since then are caught up. "
        "`make airflow` notes its first start; empty: only the newest interval runs.",
    )
    airflow_owner: str = Field("data-platform", description="Who is asked about the DAGs.")
    airflow_dbt: Literal["task", "watcher"] = Field(
        "task",
        description="dbt in the hourly DAG: `task`, one task; `watcher`, Cosmos shows each model as one, "
        "for Snowflake (it costs seconds a model).",
    )
    airflow_retries: int = Field(2, ge=0, description="Further tries of a task that failed.")
    airflow_retry_seconds: PositiveInt = Field(60, description="Before the first of them; doubled each time.")
    airflow_task_minutes: PositiveInt = Field(60, description="A task is ended after this long.")
    airflow_deadline_minutes: PositiveFloat = Field(
        45, description="An hourly run that takes longer, from its queue on, is told like a failure."
    )
    airflow_malformed_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="An hour of a topic with more malformed records than this is not transformed.",
    )
    airflow_postgres: bool = Field(
        False,
        description="Whether each publish loads gold into PostgreSQL too (BACKBEAT_POSTGRES_*).",
    )
    airflow_home: Path = Field(Path("var/airflow"), description="Where `make airflow` keeps Airflow's state.")
    airflow_port: PositiveInt = Field(8080, description="The port of the Airflow that `make airflow` starts.")
