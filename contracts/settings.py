"""Settings that more than one process reads: each process extends this with its own."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Environment variables `BACKBEAT_<NAME>`, or the same names in `.env`."""

    model_config = SettingsConfigDict(env_prefix="BACKBEAT_", env_file=".env", extra="ignore")

    lake: str = Field("var/lake", description="A folder, or s3://bucket/prefix.")
    kafka_bootstrap: str = Field(
        "",
        description="host:port[,host:port] of Kafka; empty starts the embedded broker where one is needed.",
    )
    warehouse: Path = Field(Path("var/warehouse.duckdb"), description="The DuckDB file dbt builds.")
    snapshots: Path = Field(Path("var/snapshots"), description="Where published snapshots lie.")
