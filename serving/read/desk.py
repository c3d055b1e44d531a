"""A question becomes an answer: who asks, what was answered before, whose turn it is at DuckDB."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import duckdb
import orjson
from starlette.requests import Request
from starlette.responses import Response

from contracts.web.key import Key
from contracts.web.refusal import RefusalError
from serving.door import Door, everybody
from serving.read.metrics import ANSWERS, SECONDS
from serving.read.published import Published, Row, Version
from serving.web import JSON

_OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
Read = Callable[[Version], dict[str, Any]]


@dataclass(frozen=True)
class Question:
    """What is asked of `route`: `named` are its parameters, `read` finds the document, `lets` the key in."""

    route: str
    named: Mapping[str, object]
    read: Read
    lets: Callable[[Key | None], None] = field(default=everybody)

    def __str__(self) -> str:
        return f"{self.route}?{_query(self.named)}"


class Desk:
    """Where questions are answered."""

    def __init__(self, published: Published, door: Door) -> None:
        self._published, self._door = published, door

    async def answer(self, request: Request, question: Question) -> Response:
        """200 with the document, or 304 to whoever has it; raises `RefusalError`."""
        began = time.perf_counter()
        how = "refused"
        try:
            question.lets(self._door.admit(request.headers))
            version = self._published.current
            headers = {"ETag": version.etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
            if _has(request.headers.get("if-none-match", ""), version.etag):
                how = "not_modified"
                return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
            body, how = await self._body(version, question)
            return Response(body, headers=headers, media_type=JSON)
        finally:
            ANSWERS.labels(question.route, how).inc()
            SECONDS.labels(question.route).observe(time.perf_counter() - began)

    async def _body(self, version: Version, question: Question) -> tuple[bytes, str]:
        found = version.answer(str(question))
        if found is not None:
            return found, "remembered"
        version.enter()
        try:
            async with self._published.slot():
                # Somebody may have asked the same while this waited for its turn.
                found = version.answer(str(question))
                if found is None:
                    found = await asyncio.to_thread(_document, version, question.read)
                    version.keep(str(question), found)
        finally:
            version.leave()
        return found, "queried"


def page(path: str, named: Mapping[str, object], rows: list[Row]) -> dict[str, Any]:
    """The part of a list that `rows` holds (one more than the limit when there is a next one)."""
    limit, offset = int(str(named["limit"])), int(str(named["offset"]))
    more = f"{path}?{_query({**named, 'offset': offset + limit})}"
    return {"items": rows[:limit], "next": more if len(rows) > limit else None}


def _query(named: Mapping[str, object]) -> str:
    return urlencode({name: value for name, value in sorted(named.items()) if value is not None})


def _document(version: Version, read: Read) -> bytes:
    try:
        return orjson.dumps({"snapshot": version.name, **read(version)}, option=_OPTIONS)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        reason = f"{version.name} is not as this version reads it: run `backbeat publish`"
        raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, reason, 60) from error
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, str(error).splitlines()[0], 10) from error


def _has(header: str, etag: str) -> bool:
    """Whether If-None-Match names `etag`; what a proxy has packed is marked W/ and is the same to us."""
    return etag in {each.strip().removeprefix("W/") for each in header.split(",")}
