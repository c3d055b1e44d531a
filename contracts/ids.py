"""Event ids: UUIDv7 (RFC 9562), from a time and either random or hashed bits."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_bytes
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_A = (1 << 12) - 1
_RANDOM_B = (1 << 62) - 1


def uuid7(epoch_ms: int, entropy: bytes | None = None) -> UUID:
    """A UUIDv7 for `epoch_ms` (0 … 2**48 - 1); `entropy` (≥ 10 bytes) replaces the random bits."""
    if not 0 <= epoch_ms < 1 << 48:
        raise ValueError(f"{epoch_ms} ms does not fit the 48 bits of a UUIDv7")
    bits = int.from_bytes((entropy or token_bytes(10))[:10], "big")
    random_a = (bits >> 62) & _RANDOM_A
    return UUID(int=epoch_ms << 80 | _VERSION | random_a << 64 | _VARIANT | bits & _RANDOM_B)


def derived_uuid7(epoch_ms: int, *parts: str) -> UUID:
    """The UUIDv7 that the same facts always give, so that importing them again adds nothing."""
    text = "\x1f".join(parts)
    return uuid7(epoch_ms, sha256(text.encode()).digest())
