"""What the live path and the read API have in common as HTTP services: errors, origins, keys, documents."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from prometheus_client import CollectorRegistry
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from contracts.web.aside import add_aside
from contracts.web.refusal import RefusalError

JSON = "application/json"
_LOCAL_PAGES = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"
_KEY = {"key": {"type": "http", "scheme": "bearer", "description": "Needed outside localhost only."}}
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Error(BaseModel):
    """Why there is no answer."""

    code: int = Field(description="The HTTP status.")
    error: str = Field(description="One sentence.")


class Health(BaseModel):
    """How the service is."""

    reasons: list[str] = Field(description="What is wrong; empty when nothing is.")


REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "No key, or none that is known."},
    403: {"model": Error, "description": "The key is not for this, or a page of elsewhere asks."},
    422: {"model": Error, "description": "A parameter is not as described."},
    503: {"model": Error, "description": "Not now: come again."},
}


def application(title: str, about: str, lifespan: Lifespan, origins: str) -> FastAPI:
    """A FastAPI application whose errors are all `{"code", "error"}`, with its document as a page."""
    app = FastAPI(
        title=title,
        version=version("backbeat"),
        description=about,
        docs_url=None,  # its page is a script from elsewhere; ours is rendered here
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RefusalError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()],
        allow_origin_regex=_LOCAL_PAGES,
        allow_headers=["Authorization", "If-None-Match"],
        expose_headers=["ETag", "Retry-After"],
    )
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


def add_watch(
    app: FastAPI,
    registry: CollectorRegistry,
    ill: Callable[[], list[str]],
    not_ready: Callable[[], list[str]],
) -> None:
    """`/healthz`, `/readyz`, `/metrics`, and the document as a page at `/` and `/docs`."""
    unwell: dict[int | str, dict[str, Any]] = {503: {"model": Health, "description": "What is wrong."}}

    @app.get("/healthz", response_model=Health, responses=unwell)
    async def healthz() -> Response:
        """Whether the process does its work."""
        return _health(ill())

    @app.get("/readyz", response_model=Health, responses=unwell)
    async def readyz() -> Response:
        """Whether its answers can be relied on."""
        return _health(not_ready())

    add_aside(app, registry)


def answer(document: Any, headers: dict[str, str] | None = None) -> Response:
    """A JSON document; times in UTC, ISO-8601."""
    return Response(orjson.dumps(document, option=orjson.OPT_UTC_Z), headers=headers, media_type=JSON)


def _health(reasons: list[str]) -> Response:
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    return Response(orjson.dumps({"reasons": reasons}), status, media_type=JSON)


async def _refused(_: Request, error: Exception) -> Response:
    """What was refused, by us or by the router, in one shape."""
    if isinstance(error, RefusalError):
        return error.response()
    if not isinstance(error, HTTPException):
        raise error
    response = RefusalError(HTTPStatus(error.status_code), str(error.detail)).response()
    response.headers.update(error.headers or {})
    return response


async def _invalid(_: Request, error: Exception) -> Response:
    """The first parameter that is not as described, and why."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:])
    return RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name}: {first['msg']}").response()


def _document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        found["components"]["securitySchemes"] = _KEY
        found["security"] = [{"key": []}, {}]
        app.openapi_schema = found
    return app.openapi_schema
