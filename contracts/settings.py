"""Settings that more than one process reads: each process extends this with its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from contracts.errors import BackbeatError

_PREFIX = "BACKBEAT_"


class Settings(BaseSettings):
    """Environment variables `BACKBEAT_<NAME>`, or the same names in `.env`.

    A secret may lie in a file instead, which `BACKBEAT_<NAME>_FILE` names, as containers are given them.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_file=".env", extra="ignore")

    lake: str = Field("var/lake", description="A folder, or s3://bucket/prefix.")
    kafka_bootstrap: str = Field(
        "",
        description="host:port[,host:port] of Kafka; empty starts the embedded broker where one is needed.",
    )
    warehouse: Path = Field(Path("var/warehouse.duckdb"), description="The DuckDB file dbt builds.")
    snapshots: Path = Field(Path("var/snapshots"), description="Where published snapshots lie.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given in code, then the environment, then `.env`; in both the secret before its file."""
        return (
            init_settings,
            env_settings,
            SecretFiles(settings_cls, env_settings),
            dotenv_settings,
            SecretFiles(settings_cls, dotenv_settings),
        )


class SecretFiles(PydanticBaseSettingsSource):
    """Secrets from the files that `BACKBEAT_<NAME>_FILE` names in another source.

    A class with a field of that very name means something else by it.
    """

    def __init__(self, settings_cls: type[BaseSettings], source: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._given = source.env_vars if isinstance(source, EnvSettingsSource) else {}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """What the file holds, None where none is named; `BackbeatError` where it cannot be read."""
        is_secret = (
            field.annotation is SecretStr and f"{field_name}_file" not in self.settings_cls.model_fields
        )
        # Names in env_vars are in lower case, whatever the system's are.
        variable = f"{_PREFIX}{field_name}_FILE"
        path = self._given.get(variable.lower()) if is_secret else None
        return read_secret(Path(path), variable.upper()) if path else None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Field → secret."""
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


def read_secret(path: Path, variable: str) -> str:
    """The text of `path`, stripped; `BackbeatError` that names `variable` where it cannot be read."""
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BackbeatError(f"cannot read {path} ({variable}): {reason}") from error


def with_secrets(environment: Mapping[str, str], *names: str) -> dict[str, str]:
    """`environment`, and of `names` (`BACKBEAT_…`) those that it gives by file: for who reads no files."""
    read = {
        name: read_secret(Path(environment[f"{name}_FILE"]), f"{name}_FILE")
        for name in names
        if environment.get(f"{name}_FILE") and not environment.get(name)
    }
    return {**environment, **read}
