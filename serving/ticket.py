"""Tickets: a key's right to read, for some minutes, in a form that a browser may hold.

A ticket is the key's id, when it is over (epoch seconds), and an HMAC of both by what is kept of the key:
whoever has the file of keys can make and check one, no state is kept, and a revoked key takes its tickets
with it. The key itself cannot be told from it.
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

from contracts.web.key import Key

LIFE_S = 300
_TICKET = re.compile(r"([0-9a-f]{8})\.(\d{1,12})\.([0-9a-f]{64})", re.ASCII)


def ticket(key: Key, now: float) -> str:
    """A ticket of `key`, good for `LIFE_S` from `now` (epoch seconds) on."""
    return _signed(key, int(now) + LIFE_S)


def key_id_in(text: str) -> str | None:
    """The id of the key that a ticket names; None for what is none."""
    found = _TICKET.fullmatch(text)
    return found[1] if found else None


def seconds_left(text: str, key: Key, now: float) -> float:
    """How long the ticket `text` still opens what `key` does; 0 where it is another's, over, or none."""
    found = _TICKET.fullmatch(text)
    if found is None or key.revoked_at:
        return 0.0
    until = int(found[2])
    if until > now + LIFE_S or not hmac.compare_digest(_signed(key, until), text):
        return 0.0
    return max(until - now, 0.0)


def _signed(key: Key, until: int) -> str:
    text = f"{key.key_id}.{until}"
    return f"{text}.{hmac.new(key.digest.encode(), text.encode(), sha256).hexdigest()}"
