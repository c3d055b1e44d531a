"""A body into its events, each as the bytes it was sent in, so that a bad one spoils no other."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from contracts.web.refusal import RefusalError

_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_LINES = {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}


def split(body: bytes, content_type: str, most: int) -> list[bytes]:
    """At most `most` events; `RefusalError`: 415 neither JSON nor NDJSON, 400 no array, 413 too many."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _LINES:
        found = [line for line in body.split(b"\n") if line.strip()]
    elif kind == "application/json":
        found = _elements(body)
    else:
        raise RefusalError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "Content-Type must be application/json (an array) or application/x-ndjson",
        )
    if len(found) > most:
        raise RefusalError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{len(found):,} events: a request may hold {most:,}"
        )
    return found


def _elements(body: bytes) -> list[bytes]:
    try:
        return [bytes(element) for element in _ARRAY.decode(body)]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise RefusalError(
            HTTPStatus.BAD_REQUEST, "the body is no JSON array (for lines: Content-Type application/x-ndjson)"
        ) from error
