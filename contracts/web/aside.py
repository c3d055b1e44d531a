"""The routes beside a service's own: its numbers, and its document as a page."""

from __future__ import annotations

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import HTMLResponse, Response

from contracts.web.page import page


def add_aside(app: FastAPI, registry: CollectorRegistry) -> None:
    """`/metrics`, and the OpenAPI document as a page at `/` and `/docs`; the document names none of them."""

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/", include_in_schema=False)
    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()))
