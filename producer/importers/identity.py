"""Which event a row is: the same facts always give the same id, so that importing them again adds nothing."""

from __future__ import annotations

import json
from hashlib import sha256

import msgspec

from contracts.ids import derived_uuid7

_LAST_MS = (1 << 48) - 1
# The digit of a UUID that tells its variant keeps two bits of the hash.
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}

_encode = msgspec.json.Encoder().encode


def identity(at_ms: int, source: str, *facts: object) -> str:
    """The event id (a UUIDv7) of the row with these facts (text, numbers, None) at `at_ms`; as JSON, so that
    no two different rows read alike."""
    return str(derived_uuid7(at_ms, source, json.dumps(facts)))


def event_identity(at_ms: int, *facts: object) -> tuple[str, bytes]:
    """An id of the same kind in a third of the time, and ten bytes that are the same where it is."""
    at_ms = min(max(at_ms, 0), _LAST_MS)
    try:
        text = _encode((at_ms, facts))
    except UnicodeEncodeError:  # half a surrogate pair out of somebody's JSON has no UTF-8
        text = json.dumps((at_ms, facts)).encode()
    same = sha256(text).digest()[:10]
    time, bits = f"{at_ms:012x}", same.hex()
    return f"{time[:8]}-{time[8:]}-7{bits[:3]}-{_VARIANT[bits[3]]}{bits[4:7]}-{bits[7:19]}", same
