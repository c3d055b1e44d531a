"""One connection to PostgreSQL, whose failures say what to set or to grant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import adbc_driver_manager
import pyarrow as pa
from adbc_driver_postgresql import dbapi

from contracts.errors import BackbeatError
from serving.postgres.settings import PostgresSettings

_NO_RIGHT = "42501"
_LOCKED = "55P03"


class Server:
    """A session in a transaction; `commit` ends it and begins the next."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def run(self, statement: str) -> None:
        """Run one statement that returns nothing."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def load(self, schema: str, table: str, batches: pa.RecordBatchReader) -> None:
        """Append Arrow batches to a table by binary COPY; their columns are the table's, in its order."""
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(table, batches, mode="append", db_schema_name=schema)

    def commit(self) -> None:
        """Make what was done since the last one visible, all of it at once."""
        self._connection.commit()

    def rollback(self) -> None:
        """Forget what was done since the last commit."""
        self._connection.rollback()


@contextmanager
def session(settings: PostgresSettings) -> Iterator[Server]:
    """A session with `settings.address`; what is not committed at its end has not happened.

    Raises BackbeatError when PostgreSQL cannot be reached, refuses the user, or fails at something.
    """
    try:
        connection = dbapi.connect(settings.conninfo())
    except adbc_driver_manager.Error as error:
        raise BackbeatError(
            f"cannot connect to PostgreSQL at {settings.address} (BACKBEAT_POSTGRES_HOST, …): {_line(error)}"
        ) from error
    try:
        yield Server(connection)
    except adbc_driver_manager.Error as error:
        raise BackbeatError(_told(error, settings)) from error
    finally:
        connection.close()


def is_locked(error: BaseException) -> bool:
    """Whether a statement gave up waiting for a lock."""
    return isinstance(error, adbc_driver_manager.Error) and error.sqlstate == _LOCKED


def _told(error: adbc_driver_manager.Error, settings: PostgresSettings) -> str:
    if error.sqlstate == _NO_RIGHT:
        return (
            f"{settings.postgres_user} (BACKBEAT_POSTGRES_USER) lacks a right at {settings.address}: "
            f"{_line(error)}; docs/bi.md has the statements that grant them"
        )
    return f"cannot publish to PostgreSQL at {settings.address}: {_line(error)}"


def _line(error: Exception) -> str:
    """What the server said, without what the driver says around it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (said or [lines[0] if len(lines) == 1 else " ".join(lines[:2])])[0]
