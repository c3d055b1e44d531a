"""What the OpenAPI document says beyond what FastAPI reads from the routes: bodies, answers, keys."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from producer.collector.schemas import Schema, components, ref

_RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
ERRORS = {
    400: "The body is not what its Content-Type says, or its gzip is broken.",
    401: "No key, or none that is known.",
    403: "The key is not for this.",
    408: "The body did not come in time.",
    413: "Too long, or too many events.",
    415: "Another Content-Type or Content-Encoding.",
    429: "Too many events of this key.",
    503: "Kafka is away, or too much waits for it. Send it again.",
}


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def answer(description: str, schema: Schema) -> Schema:
    """A response with a JSON body."""
    return {"description": description, "content": _json(schema)}


def errors(*statuses: int) -> dict[str, Schema]:
    """The responses that refuse a whole request."""
    found = {str(status): answer(ERRORS[status], ref("Error")) for status in statuses}
    for status in {"429", "503"} & set(found):
        found[status]["headers"] = _RETRY
    return found


_GZIP = {
    "name": "Content-Encoding",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "enum": ["identity", "gzip"]},
}
_NOT_ALL = {"oneOf": [ref("BatchAnswer"), ref("Error")]}
EVENTS: Schema = {
    "security": [{"bearer": []}, {"token": []}],
    "parameters": [_GZIP],
    "requestBody": {
        "required": True,
        "content": {
            **_json({"type": "array", "items": ref("Event")}),
            "application/x-ndjson": {"schema": {"type": "string", "description": "An event a line."}},
        },
    },
    "responses": {
        "200": answer("An answer for each event; those accepted are in Kafka.", ref("BatchAnswer")),
        **errors(400, 401, 403, 408, 413, 415, 429),
        "503": answer(ERRORS[503] + " With `events`: which of them were acknowledged all the same.", _NOT_ALL)
        | {"headers": _RETRY},
    },
}
LISTENS: Schema = {
    "security": [{"token": []}, {"bearer": []}],
    "parameters": [_GZIP],
    "requestBody": {"required": True, "content": _json(ref("Submission"))},
    "responses": {
        "200": answer("All listens are in Kafka.", ref("SubmissionAnswer")),
        **errors(400, 401, 408, 413, 415, 429, 503),
    },
}
VALIDATE: Schema = {
    "security": [{"token": []}, {"bearer": []}, {}],
    "parameters": [
        {"name": "token", "in": "query", "required": False, "schema": {"type": "string"},
         "description": "The token, where there is no Authorization header."},
    ],
    "responses": {
        "200": answer("Whether the token is valid, and whose it is.", ref("TokenAnswer")),
        **errors(400, 503),
    },
}  # fmt: skip
HEALTH: Schema = {"responses": {"200": answer("The process answers.", ref("Health"))}}
READY: Schema = {
    "responses": {
        "200": answer("Events are taken.", ref("Health")),
        "503": answer("They are not, and why.", ref("Health")),
    }
}
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer <key>`"},
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Authorization: Token <key>`, as scrobblers send it.",
    },
}


def describe(app: FastAPI) -> None:
    """Let `app` render its OpenAPI document with all of this, once."""

    def render() -> Schema:
        if app.openapi_schema is None:
            found = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            found["components"] = {"schemas": components(), "securitySchemes": _SECURITY}
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = render  # type: ignore[method-assign]  # FastAPI's own way to extend it
