"""A Snowflake account for tests: the emulator, a folder as its bucket, a user with a key, and dbt."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import snowflake.connector
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from tests.dbt_process import DbtProcess
from tests.lake_builder import LakeBuilder
from tests.servers import Server

DATABASE = "BACKBEAT"
_PASSPHRASE = "a passphrase"  # noqa: S105


class SnowflakeServer(Server):
    script = "snowflake.sh"


class SnowflakeAccount:
    """`lake` is s3://lake/listening for Snowflake, and a folder for whoever writes it or compares."""

    def __init__(self, folder: Path) -> None:
        self.lake = LakeBuilder(folder / "server/buckets/lake/listening")
        self.target = folder / "dbt/target"
        self.log = folder / "dbt/logs/dbt.log"
        self._folder = folder
        self._key = folder / "key.p8"
        (folder / "server").mkdir(parents=True)
        self._server = SnowflakeServer(folder / "server")

    def start(self) -> None:
        """Start the emulator and make the user's key."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        encryption = BestAvailableEncryption(_PASSPHRASE.encode())
        self._key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        self._server.start()
        self._process = DbtProcess(self._folder / "dbt", self._settings(), log="debug")

    def stop(self) -> None:
        """End the emulator; what it held is gone."""
        if "_reader" in vars(self):
            self._reader.close()
        self._process.close()
        self._server.stop()

    def dbt(self, *command: str) -> str:
        """Run dbt on the Snowflake target; returns what it said, fails the test when dbt fails."""
        return self._process.invoke({}, *command)

    def _settings(self) -> dict[str, str]:
        """What tells dbt of the account."""
        host, port = self._server.address.split(":")
        return {
            "BACKBEAT_TARGET": "snowflake",
            "BACKBEAT_LAKE": "s3://lake/listening",
            "SNOWFLAKE_ACCOUNT": "emulator",
            "SNOWFLAKE_USER": "dbt",
            "SNOWFLAKE_PRIVATE_KEY_PATH": str(self._key),
            "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE": _PASSPHRASE,
            "SNOWFLAKE_STORAGE_INTEGRATION": "lake_integration",
            "SNOWFLAKE_CONNECT_RETRIES": "0",
            "SNOWFLAKE_HOST": host,
            "SNOWFLAKE_PORT": port,
            "SNOWFLAKE_PROTOCOL": "http",
        }

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of `query`, through Snowflake's connector."""
        return list(self._reader.cursor().execute(query).fetchall())

    @cached_property
    def _reader(self) -> snowflake.connector.SnowflakeConnection:
        host, port = self._server.address.split(":")
        return snowflake.connector.connect(
            account="emulator",
            user="reader",
            password="any",  # noqa: S106  the emulator knows no passwords
            host=host,
            port=int(port),
            protocol="http",
            database=DATABASE,
            schema="MAIN",
        )
