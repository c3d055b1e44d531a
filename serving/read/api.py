"""The read API's routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from contracts.web.refusal import RefusalError
from serving.door import Door, only
from serving.read import document, metrics, questions
from serving.read.desk import Desk, Question, page
from serving.read.parameters import Day, Moment, Part, Region, Time, UserId, in_utc
from serving.read.published import Published, Version
from serving.settings import ReadSettings
from serving.web import REFUSALS, Error, add_watch, application

_ABOUT = (
    "Charts, trends, a listener's numbers, recommendations and KPIs, from the newest published snapshot. "
    "Every answer names its snapshot and has an ETag of it: ask with `If-None-Match`, and 304 says that "
    "nothing has changed. Lists come in parts: follow `next`. Times are UTC."
)
_SAME: dict[int | str, dict[str, Any]] = {304: {"description": "As in the answer whose ETag was named."}}
_ANSWERS = {**REFUSALS, **_SAME}
_UNKNOWN: dict[int | str, dict[str, Any]] = {
    **_ANSWERS,
    404: {"model": Error, "description": "Nobody is called that."},
}


def read_application(settings: ReadSettings, door: Door) -> FastAPI:
    """The ASGI application; it follows the folder of snapshots while it runs."""
    published = Published(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await published.look()
        following = asyncio.create_task(published.follow())
        yield
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        published.close()

    app = application("Backbeat read API", _ABOUT, lifespan, settings.serve_origins)
    desk = Desk(published, door)
    _add_charts(app, desk)
    _add_trends(app, desk)
    _add_users(app, desk)
    _add_totals(app, desk)
    add_watch(app, metrics.REGISTRY, list, published.reasons)
    return app


def _listed(path: str, sql: str, **named: Any) -> Question:
    """A question whose answer is a part of a list."""

    def read(version: Version) -> dict[str, Any]:
        asked = {name: value for name, value in named.items() if name != "limit"}
        return page(path, named, version.rows(sql, {**asked, "limit": named["limit"] + 1}))

    return Question(path, named, read)


def _add_charts(app: FastAPI, desk: Desk) -> None:
    @app.get("/v1/charts/daily", response_model=document.DailyChart, responses=_ANSWERS)
    async def daily_chart(
        request: Request, part: Part, region: Region = "GLOBAL", at: Day = None
    ) -> Response:
        """The chart of a day."""
        named = {"region": region, "at": at, **part.named()}
        return await desk.answer(request, _listed("/v1/charts/daily", questions.DAILY_CHART, **named))

    @app.get("/v1/charts/hourly", response_model=document.HourlyChart, responses=_ANSWERS)
    async def hourly_chart(
        request: Request, part: Part, region: Region = "GLOBAL", at: Moment = None
    ) -> Response:
        """The chart of an hour."""
        named = {"region": region, "at": in_utc(at), **part.named()}
        return await desk.answer(request, _listed("/v1/charts/hourly", questions.HOURLY_CHART, **named))


def _add_trends(app: FastAPI, desk: Desk) -> None:
    @app.get("/v1/trends/daily", response_model=document.DailyTrend, responses=_ANSWERS)
    async def daily_trend(request: Request, part: Part, time: Time, region: Region = "GLOBAL") -> Response:
        """How much was played, by day."""
        named = {"region": region, **time.named(), **part.named()}
        return await desk.answer(request, _listed("/v1/trends/daily", questions.DAILY_TREND, **named))

    @app.get("/v1/trends/hourly", response_model=document.HourlyTrend, responses=_ANSWERS)
    async def hourly_trend(request: Request, part: Part, time: Time, region: Region = "GLOBAL") -> Response:
        """How much was played, by hour."""
        named = {"region": region, **time.named(), **part.named()}
        return await desk.answer(request, _listed("/v1/trends/hourly", questions.HOURLY_TREND, **named))


def _add_users(app: FastAPI, desk: Desk) -> None:
    @app.get("/v1/users/{user_id:path}/stats", response_model=document.UserStats, responses=_UNKNOWN)
    async def user_stats(request: Request, user_id: UserId, time: Time) -> Response:
        """One listener's numbers."""
        named = {"user_id": user_id, **time.named()}

        def read(version: Version) -> dict[str, Any]:
            return _known(user_id, version.rows(questions.USER_STATS, named))[0]

        allowed = partial(only, user_id=user_id)
        return await desk.answer(request, Question("/v1/users/{user_id}/stats", named, read, allowed))

    @app.get(
        "/v1/users/{user_id:path}/recommendations",
        response_model=document.Recommendations,
        responses=_UNKNOWN,
    )
    async def recommendations(request: Request, user_id: UserId, part: Part) -> Response:
        """What a listener may want to play next."""
        path = f"/v1/users/{quote(user_id, safe='')}/recommendations"
        asked = {"user_id": user_id, "limit": part.limit + 1, "offset": part.offset}

        def read(version: Version) -> dict[str, Any]:
            _known(user_id, version.rows(questions.USER_KNOWN, {"user_id": user_id}))
            rows = version.rows(questions.RECOMMENDATIONS, asked)
            return page(path, part.named(), rows)

        named = {"user_id": user_id, **part.named()}
        allowed = partial(only, user_id=user_id)
        question = Question("/v1/users/{user_id}/recommendations", named, read, allowed)
        return await desk.answer(request, question)


def _add_totals(app: FastAPI, desk: Desk) -> None:
    @app.get("/v1/regions", response_model=document.Regions, responses=_ANSWERS)
    async def regions(request: Request, part: Part) -> Response:
        """The regions that have figures."""
        named = part.named()
        return await desk.answer(request, _listed("/v1/regions", questions.REGIONS, **named))

    @app.get("/v1/kpis", response_model=document.Kpis, responses=_ANSWERS)
    async def kpis(request: Request, time: Time, region: Region = "GLOBAL") -> Response:
        """Sums of a time (by default the last 28 days), and of the time of the same length before it."""
        named = {"region": region, **time.named()}

        def read(version: Version) -> dict[str, Any]:
            return {"region": region, **version.rows(questions.KPIS, named)[0]}

        return await desk.answer(request, Question("/v1/kpis", named, read))

    @app.get("/v1/snapshot", response_model=document.Contents, responses=_ANSWERS)
    async def snapshot(request: Request) -> Response:
        """What all of this is read from."""

        def read(version: Version) -> dict[str, Any]:
            rows = version.rows(questions.META, {})
            tables = {row["table_name"]: row["row_count"] for row in rows}
            return {"published_at": rows[0]["published_at"], "tables": tables}

        return await desk.answer(request, Question("/v1/snapshot", {}, read))


def _known(user_id: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        raise RefusalError(HTTPStatus.NOT_FOUND, f"There is no user {user_id!r}.")
    return rows
