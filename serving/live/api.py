"""The live path's routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, WebSocket
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from contracts.web.key import token_in
from contracts.web.refusal import RefusalError
from serving import ticket as tickets
from serving.door import Door, everybody
from serving.live import metrics
from serving.live.document import FRAMES, Now, Rising, Ticket
from serving.live.happening import FOLLOWED
from serving.live.service import Service
from serving.live.view import charted, played
from serving.settings import LiveSettings
from serving.web import REFUSALS, add_watch, answer, application

_ABOUT = (
    "What is played now, and what rises: from Kafka, within a second, approximate. `/ws/live` is a WebSocket "
    "(`?country=SE` for one country; `?key=` where a key is asked for: browsers send no headers there; or "
    "`?ticket=` of `/v1/ticket`, which ends it with 4001 when its minutes are over): "
    "the first frame is a Snapshot, then come Deltas, and a Heartbeat when nothing has changed. Readers that "
    "do not keep up are dropped: connect again. Nothing may be sent to it."
)
_PATTERN = r"^[A-Z]{2}$"
CountryQuery = Annotated[
    str | None, Query(pattern=_PATTERN, description="ISO 3166-1 alpha-2; none: everywhere.")
]
_POLICY = 1008
TICKET_OVER = 4001


def live_application(settings: LiveSettings, door: Door, service: Service) -> FastAPI:
    """The ASGI application; `service` is opened when it starts and closed when it ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.open()
        yield
        await service.close()

    app = application("Backbeat live", _ABOUT, lifespan, settings.live_origins)
    _add_routes(app, door, service)
    _add_ticket(app, door, service)
    _add_socket(app, door, service, settings)
    _measure(service)
    add_watch(app, metrics.REGISTRY, service.ill, lambda: service.ill() or service.watch.reasons())
    _add_frames(app)
    return app


def _add_routes(app: FastAPI, door: Door, service: Service) -> None:
    @app.get("/v1/now", response_model=Now, responses=REFUSALS)
    async def now(
        request: Request,
        country: CountryQuery = None,
        limit: Annotated[int, Query(ge=0, le=500, description="Plays to list.")] = 50,
    ) -> Response:
        """Who plays what now, and how much is played."""
        everybody(door.admit(request.headers))
        view = service.view(country)
        told = {name: value for name, value in view.items() if name not in ("feed", "rising")}
        return answer({**told, "playing": [played(each) for each in service.live.newest(limit, country)]})

    @app.get("/v1/rising", response_model=Rising, responses=REFUSALS)
    async def rising(
        request: Request,
        minutes: Annotated[Literal["5", "15", "60"], Query(description="Length of the window.")] = "15",
        country: CountryQuery = None,
        limit: Annotated[int, Query(ge=1, le=50, description="Tracks to list.")] = 10,
    ) -> Response:
        """Tracks that have more listeners than their share of the time before lets expect."""
        everybody(door.admit(request.headers))
        length = int(minutes)
        return answer(
            {
                "at": service.view()["at"],
                "country": country,
                "minutes": length,
                "windows_before": service.live.windows_before(length),
                "tracks": charted(service.live.rising(length, country)[:limit]),
            }
        )


def _add_ticket(app: FastAPI, door: Door, service: Service) -> None:
    @app.get("/v1/ticket", response_model=Ticket, responses=REFUSALS)
    async def ticket_of(request: Request) -> Response:
        """What a browser may show at `/ws/live?ticket=` in place of the key that asks for it here."""
        key = door.key(token_in(request.headers.get("authorization", "")) or "")
        everybody(key)
        return answer({"ticket": tickets.ticket(key, service.clock()), "seconds": tickets.LIFE_S})


def _add_socket(app: FastAPI, door: Door, service: Service, settings: LiveSettings) -> None:
    @app.websocket("/ws/live")
    async def live(
        websocket: WebSocket,
        country: CountryQuery = None,
        key: str = "",
        ticket: str = "",
    ) -> None:
        try:
            opened, seconds = (
                door.ticketed(ticket, service.clock())
                if ticket
                else (door.admit(websocket.headers, key), None)
            )
            everybody(opened)
            door.open_to(websocket.headers.get("origin", ""), opened)
            service.hub.has_room(settings.live_readers)
        except RefusalError as refusal:
            await websocket.send_denial_response(refusal.response())
            return
        await websocket.accept()
        await _read_to(websocket, service, country, seconds)


async def _read_to(
    websocket: WebSocket, service: Service, country: str | None, seconds: float | None
) -> None:
    """Send frames until the reader goes, says something, is too slow, or its `seconds` are over."""
    reader = service.join(country)

    async def send() -> None:
        async for frame in reader.frames():
            await websocket.send_text(frame)

    async def hear() -> None:
        message = await websocket.receive()
        if message["type"] != "websocket.disconnect":
            await websocket.close(_POLICY, "nothing may be sent here")

    tasks = [asyncio.create_task(work) for work in (send(), hear(), reader.slow.wait())]
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            await websocket.close(TICKET_OVER, "the ticket is over: come again with another")
    finally:
        service.hub.quit(reader)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _measure(service: Service) -> None:
    """What is there is measured when it is asked for."""
    live, watch = service.live, service.watch
    metrics.LISTENING.set_function(lambda: len(live.playing))
    metrics.PLAYS.set_function(lambda: len(live))
    metrics.TRACKS.set_function(lambda: len(live.tracks))
    metrics.LAG_SECONDS.set_function(lambda: float(watch.lag()["seconds"]))
    metrics.REBUILDING.set_function(lambda: float(not watch.rebuilt))
    for topic in FOLLOWED:
        metrics.LAG.labels(topic).set_function(partial(watch.lag_of, topic))
    for why in ("outside", "tracks", "again"):
        metrics.LEFT_OUT.labels(why).set_function(partial(live.left_out.__getitem__, why))


def _add_frames(app: FastAPI) -> None:
    """Describe the frames among the schemas: OpenAPI knows no WebSocket."""
    schemas: dict[str, Any] = app.openapi()["components"]["schemas"]
    for frame in FRAMES:
        found = TypeAdapter(frame).json_schema(ref_template="#/components/schemas/{model}")
        schemas |= found.pop("$defs", {})
        schemas[frame.__name__] = found
