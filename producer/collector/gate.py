"""Who may come in, and how much at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus

from contracts.web.journal import note
from contracts.web.key import Key, Scope, token_in
from contracts.web.key_ring import KeyRing
from contracts.web.refusal import RefusalError
from producer.collector.bucket import Buckets
from producer.collector.settings import CollectorSettings


class Gate:
    """Keys and their buckets."""

    def __init__(self, settings: CollectorSettings) -> None:
        self._ring = KeyRing(settings.collector_keys)
        self._buckets = Buckets(settings.collector_rate, settings.collector_burst)

    def check(self) -> None:
        """`BackbeatError` when the file of keys cannot be used as it is."""
        if not any(not key.revoked_at for key in self._ring.keys().values()):
            note("no_keys", advice="make one: backbeat keys create")

    def admit(self, headers: Mapping[str, str], scope: Scope) -> Key:
        """The key in `Authorization`; `RefusalError` 401 when it opens nothing, 403 or 401 not this."""
        header = headers.get("authorization", "")
        if not header:
            raise _unauthorized("You need to provide an Authorization header.")
        token = token_in(header)
        if token is None:
            raise _unauthorized("Provided Authorization header is invalid.")
        key = self.find(token)
        if key is None:
            raise _unauthorized("Invalid authorization token.")
        if scope not in key.scopes:
            # ListenBrainz knows no 403, and a scrobbler's token that is not for listens is a wrong one.
            status = HTTPStatus.UNAUTHORIZED if scope == "listens" else HTTPStatus.FORBIDDEN
            raise RefusalError(status, f"This key is not for {scope}: `backbeat keys create --scope {scope}`")
        return key

    def find(self, token: str) -> Key | None:
        """The key that `token` opens, as the file says now; 503 while the file cannot be read."""
        return self._ring.find(token)

    def spend(self, key: Key, events: int) -> None:
        """Take `events` (at least one) from the key's bucket; `RefusalError` 429 when they are not there."""
        wait = self._buckets.take(key.key_id, max(events, 1))
        if wait:
            raise RefusalError(
                HTTPStatus.TOO_MANY_REQUESTS, "Too many events: nothing was taken.", math.ceil(wait)
            )

    def limits(self, key: Key) -> dict[str, str]:
        """The headers by which ListenBrainz tells what is left."""
        bucket = self._buckets.of(key.key_id)
        return {
            "X-RateLimit-Limit": str(self._buckets.burst),
            "X-RateLimit-Remaining": str(bucket.remaining()),
            "X-RateLimit-Reset-In": str(math.ceil(bucket.refill_seconds())),
        }


def _unauthorized(error: str) -> RefusalError:
    return RefusalError(HTTPStatus.UNAUTHORIZED, error)
