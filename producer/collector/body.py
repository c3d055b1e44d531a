"""The body of a request, read and gunzipped no further than it may be long."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus

from contracts.web.refusal import RefusalError

_GZIP = 31  # zlib's window bits for a gzip header and trailer
_MOST_MEMBERS = 64  # each costs a copy of what follows it


async def read_body(
    headers: Mapping[str, str], chunks: AsyncIterator[bytes], limit: int, unpacked: int, seconds: float
) -> bytes:
    """The body as it was meant: at most `limit` bytes as sent, `unpacked` once gunzipped.

    Raises `RefusalError`: 413 too long, 415 another encoding, 400 no gzip, 408 not there within `seconds`.
    """
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise RefusalError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content-Encoding must be gzip, not {encoding!r}"
        )
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_long(limit)
    try:
        async with asyncio.timeout(seconds):
            body = await _joined(chunks, limit)
    except TimeoutError:
        raise RefusalError(
            HTTPStatus.REQUEST_TIMEOUT, f"the request was not there within {seconds:.0f} s"
        ) from None
    return gunzip(body, unpacked) if "gzip" in encoding else body


async def _joined(chunks: AsyncIterator[bytes], limit: int) -> bytes:
    parts: list[bytes] = []
    length = 0
    async for chunk in chunks:
        length += len(chunk)
        if length > limit:
            raise _too_long(limit)
        parts.append(chunk)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def gunzip(packed: bytes, limit: int) -> bytes:
    """The members of `packed` one after the other; `RefusalError` before more than `limit` bytes are made."""
    parts: list[bytes] = []
    left = limit
    while packed:
        if len(parts) == _MOST_MEMBERS:
            raise RefusalError(HTTPStatus.BAD_REQUEST, f"more than {_MOST_MEMBERS} gzip members")
        member = zlib.decompressobj(_GZIP)
        try:
            part = member.decompress(packed, left + 1)
        except zlib.error as error:
            raise RefusalError(HTTPStatus.BAD_REQUEST, "the body is no gzip") from error
        left -= len(part)
        if left < 0:
            raise _too_long(limit, "gunzipped ")
        if not member.eof:
            raise RefusalError(HTTPStatus.BAD_REQUEST, "the gzip of the body is cut off")
        parts.append(part)
        packed = member.unused_data
    return b"".join(parts)


def _too_long(limit: int, how: str = "") -> RefusalError:
    return RefusalError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the {how}body may have {limit:,} bytes: send smaller batches"
    )
