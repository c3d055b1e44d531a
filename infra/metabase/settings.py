"""Where Metabase is, who its first administrator is, and which PostgreSQL it reads."""

from __future__ import annotations

from pydantic import Field, PositiveFloat, SecretStr

from serving.postgres.settings import PostgresSettings


class MetabaseSettings(PostgresSettings):
    """What `python -m infra.metabase` reads; Metabase finds PostgreSQL where `publish --to postgres` does."""

    metabase_url: str = Field("http://127.0.0.1:3001", description="The Metabase that gets our dashboards.")
    metabase_email: str = Field(
        "admin@backbeat.example", description="Its administrator; made where it has none yet."
    )
    metabase_password: SecretStr = Field(
        SecretStr(""), description="The administrator's password; Metabase wants a digit in it."
    )
    metabase_seconds: PositiveFloat = Field(
        300.0, description="How long it may take to start: the first time it sets up its own database."
    )
