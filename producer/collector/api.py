"""The collector's routes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from contracts.web.aside import add_aside
from contracts.web.key import token_in
from contracts.web.refusal import RefusalError
from producer.collector import document
from producer.collector.gate import Gate
from producer.collector.intake import JSON, Intake, Stopwatch
from producer.collector.metrics import REGISTRY
from producer.collector.outlet import Outlet
from producer.collector.settings import CollectorSettings

_ABOUT = (
    "Listening events over HTTP. An event is answered `accepted` when all in-sync replicas of Kafka have it; "
    "the same event twice, by its event_id, counts once. Scrobblers speak to /1/ as they do to ListenBrainz."
)
# Scrobblers in browsers ask before they post, and read the answer, from any page.
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Encoding",
    "Access-Control-Max-Age": "86400",
}
Handler = Callable[[Request], Awaitable[Response]]


def application(settings: CollectorSettings, gate: Gate, outlet: Outlet) -> FastAPI:
    """The ASGI application; `outlet` is opened when it starts and closed when it ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await outlet.open()
        yield
        await outlet.close()

    app = FastAPI(
        title="Backbeat collector",
        version=version("backbeat"),
        description=_ABOUT,
        docs_url=None,  # its page is a script from elsewhere; ours is rendered here
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_exception_handler(HTTPException, _no_such_route)
    _add_intake(app, Intake(settings, gate, outlet))
    _add_listenbrainz(app, gate)
    _add_watch(app, outlet)
    document.describe(app)
    return app


def _add_intake(app: FastAPI, intake: Intake) -> None:
    @app.post("/v1/events", openapi_extra=document.EVENTS, response_class=Response)
    async def post_events(request: Request) -> Response:
        """Take a batch of events; one that is bad is answered as such and spoils no other."""
        return await _answered("/v1/events", intake.events, request)

    @app.post("/1/submit-listens", openapi_extra=document.LISTENS, response_class=Response)
    async def submit_listens(request: Request) -> Response:
        """Take listens as ListenBrainz does: `single` and `import` become plays, `playing_now` a start."""
        return await _answered("/1/submit-listens", intake.listens, request, _CORS)


def _add_listenbrainz(app: FastAPI, gate: Gate) -> None:
    @app.get("/1/validate-token", openapi_extra=document.VALIDATE, response_class=Response)
    async def validate_token(request: Request) -> Response:
        """Say whether a token is valid, as ListenBrainz does."""
        return await _answered("/1/validate-token", validate, request, _CORS)

    async def validate(request: Request) -> Response:
        token = token_in(request.headers.get("authorization", "")) or request.query_params.get("token", "")
        if not token:
            raise RefusalError(HTTPStatus.BAD_REQUEST, "You need to provide an Authorization token.")
        key = gate.find(token)
        told: dict[str, Any] = {"code": 200, "message": "Token invalid.", "valid": False}
        if key is not None and "listens" in key.scopes:
            told = {"code": 200, "message": "Token valid.", "valid": True, "user_name": key.user_name}
        return Response(orjson.dumps(told), media_type=JSON)

    @app.options("/1/{path:path}", include_in_schema=False)
    async def preflight() -> Response:
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=_CORS)


def _add_watch(app: FastAPI, outlet: Outlet) -> None:
    @app.get("/healthz", openapi_extra=document.HEALTH, response_class=Response)
    async def healthz() -> Response:
        """Whether the process answers."""
        return Response(orjson.dumps({"reasons": []}), media_type=JSON)

    @app.get("/readyz", openapi_extra=document.READY, response_class=Response)
    async def readyz() -> Response:
        """Whether events are taken: Kafka answers and has the topics."""
        ready = outlet.circuit.promising
        reasons = [] if ready else [outlet.circuit.problem]
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(orjson.dumps({"reasons": reasons}), status, media_type=JSON)

    add_aside(app, REGISTRY)


async def _answered(
    route: str, handler: Handler, request: Request, headers: dict[str, str] | None = None
) -> Response:
    """The handler's answer or refusal, timed and counted."""
    watch = Stopwatch(route)
    try:
        response = await handler(request)
    except RefusalError as refusal:
        response = refusal.response()
    response.headers.update(headers or {})
    watch.ended(response.status_code)
    return response


async def _no_such_route(_: Request, error: Exception) -> Response:
    """What the router refuses, in the shape of every other error."""
    if not isinstance(error, HTTPException):
        raise error
    response = RefusalError(HTTPStatus(error.status_code), str(error.detail)).response()
    response.headers.update(error.headers or {})
    return response
