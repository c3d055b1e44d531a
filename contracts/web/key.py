"""API keys: a random token for its owner, a salted hash for us.

A token is written as a UUID, because some scrobblers take nothing else. Its first eight hex digits name the
key; the other 90 random bits are beyond guessing, so that one round of SHA-256 is enough.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex
from typing import Literal
from uuid import uuid4

Scope = Literal["events", "listens", "read"]
SCOPES: tuple[Scope, ...] = ("events", "listens", "read")
_SCHEMES = {"token", "bearer"}
_TOKEN = re.compile(r"([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True)
class Key:
    """What is kept of a key. `user_name` is shown to scrobblers; `user_id` is whose events it sends or reads,
    in any other key's case ("") everybody's; times are ISO-8601 in UTC, `revoked_at` is "" until then."""

    key_id: str
    name: str
    scopes: tuple[Scope, ...]
    user_name: str
    user_id: str
    salt: str
    digest: str
    created_at: str
    revoked_at: str = ""

    def opens(self, token: str, scope: Scope) -> bool:
        """Whether `token` is this key's, not revoked, and good for `scope`."""
        return self.is_of(token) and scope in self.scopes

    def is_of(self, token: str) -> bool:
        """Whether `token` is this key's and not revoked; takes as long for a wrong one."""
        same = hmac.compare_digest(_digest(self.salt, token), self.digest)
        return same and not self.revoked_at


def new_key(name: str, scopes: tuple[Scope, ...], user_name: str, user_id: str) -> tuple[Key, str]:
    """A key, and the token that opens with it, which is told here and never again."""
    token, salt = str(uuid4()), token_hex(16)
    key = Key(token[:8], name, scopes, user_name, user_id, salt, _digest(salt, token), now())
    return key, token


def key_id_of(token: str) -> str | None:
    """The id of the key that `token` names; None for what is no token."""
    found = _TOKEN.fullmatch(token)
    return found[1] if found else None


def token_in(header: str) -> str | None:
    """The token of an Authorization header, `Token …` or `Bearer …`; None for anything else."""
    scheme, _, token = header.strip().partition(" ")
    return token.strip() if scheme.lower() in _SCHEMES and token.strip() else None


def now() -> str:
    """The time, as keys have it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _digest(salt: str, token: str) -> str:
    return sha256(f"{salt}{token}".encode()).hexdigest()
