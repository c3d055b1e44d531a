"""A Snowflake for tests: fakesnow's server, with what dbt-snowflake asks of it put right.

fakesnow answers the connector's protocol and runs the SQL on DuckDB. It runs in an environment of its own
(infra/snowflake.sh makes it). What is put right here:

- a TEMPORARY table with a qualified name: DuckDB keeps temporary names in a catalog of their own
- MERGE: DuckDB's own instead of fakesnow's rewriting, which breaks in a transaction
- what the translation to DuckDB loses on the way (infra/snowflake_translation.py)
- external tables and their list of files (infra/snowflake_external_tables.py)
- ALTER SESSION, GRANT, comments on columns, storage integrations: accepted, and nothing done
- an error leaves the session usable, and is an SQL error, not an HTTP 500 that the connector tries again
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import fakesnow.server
import uvicorn
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.dialect import parse_one
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.snowflake_external_tables import ExternalTables
from infra.snowflake_translation import mend_translation

_COMMENT = re.compile(r"\A\s*(/\*.*?\*/\s*)*", re.DOTALL)
_TEMPORARY = re.compile(
    r"\A(create\s+(?:or\s+replace\s+)?)(?:(?:local|global)\s+)?temp(?:orary)?\s+(table|view)\b", re.IGNORECASE
)
_ACCEPTED = re.compile(
    r"\A(alter\s+session\b|grant\b|revoke\b|alter\s+(table|view)\s+\S+\s+(alter|modify)\b.*\bcomment\b"
    r"|(create|alter)\s+(or\s+replace\s+)?(storage\s+integration|role|warehouse|resource\s+monitor)\b)",
    re.IGNORECASE | re.DOTALL,
)
_MERGE = re.compile(r"\Amerge\s+into\b", re.IGNORECASE)
_DONE = "select 'Statement executed successfully.' as status"
_UNKNOWN_ERROR = "261000"

Execute = Callable[..., FakeSnowflakeCursor]


class MendedCursor:
    """What a session's cursor does instead of fakesnow's `execute`."""

    def __init__(self, execute: Execute, external: ExternalTables) -> None:
        self._execute = execute
        self._external = external

    def run(
        self, cursor: FakeSnowflakeCursor, command: str, *args: Any, **kwargs: Any
    ) -> FakeSnowflakeCursor:
        """Execute `command`; on an error the transaction is rolled back, as Snowflake has none to poison."""
        try:
            return self._run(cursor, command, *args, **kwargs)
        except Exception:
            _roll_back(cursor)
            raise

    def _run(
        self, cursor: FakeSnowflakeCursor, command: str, *args: Any, **kwargs: Any
    ) -> FakeSnowflakeCursor:
        statement = _TEMPORARY.sub(r"\1\2", _COMMENT.sub("", command))
        if _ACCEPTED.match(statement):
            return self._execute(cursor, _DONE, server=True)
        if _MERGE.match(statement):
            return self._execute(cursor, _merged(cursor, statement), server=True)
        if (instead := self._external.instead_of(cursor, statement)) is not None:
            return self._execute(cursor, instead, server=True)
        return self._execute(cursor, statement, *args, **kwargs)


def _merged(cursor: FakeSnowflakeCursor, statement: str) -> str:
    """Merge, and return the query that says what was done, as Snowflake's MERGE answers."""
    sql = cursor._transform(parse_one(statement), None).sql("duckdb") + " returning merge_action"
    actions = [row[0] for row in cursor._duck_conn.execute(sql).fetchall()]
    counts = [
        f'{actions.count(action)} as "number of rows {done}"'
        for action, done in (("INSERT", "inserted"), ("UPDATE", "updated"), ("DELETE", "deleted"))
    ]
    return "select " + ", ".join(counts)


def _roll_back(cursor: FakeSnowflakeCursor) -> None:
    import duckdb  # noqa: PLC0415  the emulator's duckdb 2, not the project's

    try:
        cursor._duck_conn.rollback()
    except duckdb.TransactionException:
        return  # there was no transaction


class ErrorsAreSql(BaseHTTPMiddleware):
    """Turns the server's own failures into failed statements: the connector would repeat a 500 for ever."""

    async def dispatch(
        self, request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        try:
            response = await call_next(request)
        except Exception as error:
            return _failed(f"{type(error).__name__}: {error}")
        if response.status_code != 500:
            return response
        body = b"".join([chunk async for chunk in response.body_iterator])  # type: ignore[attr-defined]
        return _failed(json.loads(body)["message"] if body.startswith(b"{") else body.decode()[:500])


def _failed(message: str) -> JSONResponse:
    data = {"errorCode": _UNKNOWN_ERROR, "sqlState": "XX000"}
    return JSONResponse({"data": data, "code": _UNKNOWN_ERROR, "message": message, "success": False})


def main() -> None:
    """Serve until ended."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument(
        "--buckets", type=Path, required=True, help="s3://<name>/ is the folder <name> here"
    )
    chosen = arguments.parse_args()
    mend_translation()
    mended = MendedCursor(FakeSnowflakeCursor.execute, ExternalTables(chosen.buckets))

    def execute(cursor: FakeSnowflakeCursor, *args: Any, **kwargs: Any) -> FakeSnowflakeCursor:
        return mended.run(cursor, *args, **kwargs)

    FakeSnowflakeCursor.execute = execute
    fakesnow.server.app.debug = False
    fakesnow.server.app.add_middleware(ErrorsAreSql)
    uvicorn.run(fakesnow.server.app, host="127.0.0.1", port=chosen.port, log_level="warning")


if __name__ == "__main__":
    main()
