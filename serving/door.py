"""Who may read: on this machine anybody, elsewhere whoever has a key with the scope `read`."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from contracts.web.journal import note
from contracts.web.key import Key, token_in
from contracts.web.key_ring import KeyRing
from contracts.web.refusal import RefusalError
from serving.host import is_local
from serving.ticket import key_id_in, seconds_left


class Door:
    """Keys and origins of one service that listens at `address`."""

    def __init__(self, address: str, keys: Path, origins: str) -> None:
        self.asks = not is_local(address)
        self._ring = KeyRing(keys)
        self._origins = {origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()}

    def check(self) -> None:
        """`BackbeatError` when keys are asked for and their file cannot be used as it is."""
        if not self.asks:
            return
        if not any("read" in key.scopes and not key.revoked_at for key in self._ring.keys().values()):
            note("no_keys", advice="make one: backbeat keys create --scope read")

    def admit(self, headers: Mapping[str, str], token: str = "") -> Key | None:
        """The key a request has shown, None where none is asked for; `RefusalError` 401 or 403.

        `token` is one that was sent elsewhere than in `Authorization`.
        """
        shown = token_in(headers.get("authorization", "")) or token
        if not self.asks:
            # A page from elsewhere whose name was turned to 127.0.0.1 still says its own name.
            if is_local(_host(f"//{headers.get('host', '')}")):
                return None
            if not shown:
                raise RefusalError(HTTPStatus.FORBIDDEN, "Without a key only localhost is answered.")
        return self.key(shown)

    def key(self, shown: str) -> Key:
        """The key whose token is `shown`, asked for or not; `RefusalError` 401 or 403."""
        return _reading(self._ring.find(shown) if shown else None)

    def ticketed(self, shown: str, now: float) -> tuple[Key, float]:
        """The key of a ticket, and for how many seconds it is good; `RefusalError` 401 or 403."""
        key = self._ring.named(key_id_in(shown) or "")
        left = seconds_left(shown, key, now) if key is not None else 0.0
        return _reading(key if left else None), left

    def open_to(self, origin: str, key: Key | None = None) -> None:
        """Refuse (403) a page of elsewhere ("": no page) where no key keeps it out."""
        if self.asks or key or not origin or origin in self._origins or is_local(_host(origin)):
            return
        raise RefusalError(
            HTTPStatus.FORBIDDEN, f"Pages of {origin} may not read here: see BACKBEAT_*_ORIGINS."
        )


def everybody(key: Key | None) -> None:
    """Refuse (403) a key that may only read one user's data."""
    if key is not None and key.user_id:
        raise RefusalError(HTTPStatus.FORBIDDEN, "This key is for one user's data only.")


def only(key: Key | None, user_id: str) -> None:
    """Refuse (403) a key that is another user's."""
    if key is not None and key.user_id not in ("", user_id):
        raise RefusalError(HTTPStatus.FORBIDDEN, "This key is for another user's data.")


def _reading(key: Key | None) -> Key:
    if key is None:
        raise RefusalError(HTTPStatus.UNAUTHORIZED, "A key is needed: `Authorization: Bearer <key>`.")
    if "read" not in key.scopes:
        raise RefusalError(
            HTTPStatus.FORBIDDEN, "This key is not for reading: `backbeat keys create --scope read`"
        )
    return key


def _host(address: str) -> str:
    """The host in an origin, or in what a Host header says behind `//`; "" where there is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
