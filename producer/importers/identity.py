"""Which event a row is: the same facts always give the same id, so that importing them again adds nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from contracts.ids import derived_uuid7

_LAST_MS = (1 << 48) - 1
_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_A = 0xFFF
_RANDOM_B = (1 << 62) - 1

_encode = msgspec.json.Encoder().encode


def identity(at_ms: int, source: str, *facts: object) -> int:
    """The event id (a UUIDv7 as a number) of the row with these facts (text, numbers, None) at `at_ms`; as
    JSON, so that no two different rows read alike."""
    return derived_uuid7(at_ms, source, json.dumps(facts)).int


def event_number(at_ms: int, facts: Sequence[object]) -> int:
    """The same kind of id in a fifth of the time; `facts` begin with the source."""
    try:
        text = _encode(facts)
    except UnicodeEncodeError:  # half a surrogate pair out of somebody's JSON has no UTF-8
        text = json.dumps(facts).encode()
    bits = int.from_bytes(sha256(text).digest()[:10], "big")
    at_ms = min(max(at_ms, 0), _LAST_MS)
    return at_ms << 80 | _VERSION | (bits >> 62 & _RANDOM_A) << 64 | _VARIANT | bits & _RANDOM_B


def id_text(number: int) -> str:
    """An event id as events carry it."""
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
