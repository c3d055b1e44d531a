"""What a scrobbler submits: a document of listens, taken whole or refused whole, as ListenBrainz does it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson

from contracts.web.refusal import RefusalError
from producer.collector.listen import Listener, listened, playing_now
from producer.collector.record import Record
from producer.collector.track import InvalidListenError

MOST_LISTENS = 1_000
MOST_BYTES = 10_240  # a listen, on average
_KINDS = ("single", "playing_now", "import")


def parse(body: bytes) -> tuple[str, list[Any]]:
    """The kind of the submission and its listens, not looked at yet; `RefusalError` 400 as ListenBrainz's."""
    kind, listens = _opened(body)
    if not listens:
        raise _bad("JSON document does not contain any listens")
    if len(listens) > MOST_LISTENS:
        raise _bad(f"Too many listens. You may not submit more than {MOST_LISTENS} listens at once.")
    if len(body) > len(listens) * MOST_BYTES:
        raise _bad(f"JSON document is too large. Each listen may not be larger than {MOST_BYTES} bytes.")
    if kind not in _KINDS:
        raise _bad("JSON document requires a valid listen_type key.")
    if kind != "import" and len(listens) > 1:
        raise _bad("JSON document contains more than one listen for a single/playing_now.")
    return kind, listens


def _opened(body: bytes) -> tuple[Any, list[Any]]:
    if len(body) > MOST_LISTENS * MOST_BYTES:
        raise _bad(f"Payload too large. Payload cannot exceed {MOST_LISTENS * MOST_BYTES} bytes")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _bad(f"Cannot parse JSON document: {error}") from error
    if not isinstance(document, dict):
        raise _bad("Invalid JSON document submitted. Top level of JSON document should be a json object.")
    if "payload" not in document or "listen_type" not in document:
        raise _bad("Invalid JSON document submitted.")
    kind, listens = document["listen_type"], document["payload"]
    if not isinstance(listens, list):
        raise _bad("The payload in the JSON document should be a list of listens.")
    return kind, listens


def records(kind: str, listens: list[Any], listener: Listener) -> list[Record]:
    """A record for each listen; `RefusalError` 400 for the first that is not one."""
    convert = playing_now if kind == "playing_now" else listened
    try:
        return [convert(listen, listener) for listen in listens]
    except (InvalidListenError, orjson.JSONEncodeError) as error:
        raise _bad(str(error)) from error


def _bad(error: str) -> RefusalError:
    return RefusalError(HTTPStatus.BAD_REQUEST, error)
