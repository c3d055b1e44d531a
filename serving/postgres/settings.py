"""Where `backbeat publish --to postgres` hands gold to, and who may read it there."""

from __future__ import annotations

from pydantic import Field, SecretStr

from serving.settings import ServingSettings

_NAME = r"^[a-z_][a-z0-9_]{0,40}$"


class PostgresSettings(ServingSettings):
    """What `publish --to postgres` reads beside what every publish does."""

    postgres_host: str = Field("127.0.0.1", description="The PostgreSQL that gets gold.")
    postgres_port: int = Field(5432, ge=1, le=65_535, description="Its port.")
    postgres_database: str = Field("backbeat", description="Its database; it has to be there.")
    postgres_user: str = Field(
        "backbeat", description="Who loads: may create schemas in it, and owns those it made."
    )
    postgres_password: SecretStr = Field(SecretStr(""), description="The password; empty: libpq's own ways.")
    postgres_sslmode: str = Field(
        "prefer",
        pattern="^(disable|allow|prefer|require|verify-ca|verify-full)$",
        description="How the connection is secured; verify-full where it leaves this machine.",
    )
    postgres_schema: str = Field("gold", pattern=_NAME, description="The schema that holds the tables.")
    postgres_sessions: int = Field(
        2, ge=1, le=16, description="How many tables are loaded at once; no more than the server has cores."
    )
    postgres_reader: str = Field(
        "backbeat_reader",
        pattern=_NAME,
        description="The role that may read them and nothing else; made if it is not there.",
    )
    postgres_reader_password: SecretStr = Field(
        SecretStr(""),
        description="Its password, set anew by each publish; empty: a role made then cannot log in, and "
        "others are made members of it.",
    )

    @property
    def address(self) -> str:
        """Where it is, as errors and logs say it: without any secret."""
        return f"{self.postgres_host}:{self.postgres_port}/{self.postgres_database}"

    def conninfo(self) -> str:
        """The connection string of libpq, password and all."""
        parts = {
            "host": self.postgres_host,
            "port": str(self.postgres_port),
            "dbname": self.postgres_database,
            "user": self.postgres_user,
            "sslmode": self.postgres_sslmode,
            "password": self.postgres_password.get_secret_value(),
            "application_name": "backbeat publish",
            "connect_timeout": "10",
        }
        return " ".join(f"{name}='{_escaped(value)}'" for name, value in parts.items() if value)

    def reader_password(self) -> str:
        """The reader's password; empty when it has none."""
        return self.postgres_reader_password.get_secret_value()


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
