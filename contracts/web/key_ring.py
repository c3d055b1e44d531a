"""The keys as a running service looks at them: a file that cannot be read is told once, and answered 503."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path

from contracts.errors import BackbeatError
from contracts.web.journal import note
from contracts.web.key import Key
from contracts.web.key_file import KeyFile
from contracts.web.refusal import RefusalError


class KeyRing:
    """The keys in `path`, as the file says now."""

    def __init__(self, path: Path) -> None:
        self._file = KeyFile(path)
        self._trouble = ""

    def keys(self) -> Mapping[str, Key]:
        """See `KeyFile.keys`."""
        return self._file.keys()

    def find(self, token: str) -> Key | None:
        """The key that `token` opens; `RefusalError` 503 while the file cannot be read."""
        return self._asked(lambda: self._file.find(token))

    def named(self, key_id: str) -> Key | None:
        """The key of that id, revoked or not; `RefusalError` as above."""
        return self._asked(lambda: self._file.keys().get(key_id))

    def _asked(self, look: Callable[[], Key | None]) -> Key | None:
        try:
            key = look()
        except BackbeatError as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                note("keys_unreadable", reason=self._trouble)
            raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, "The keys cannot be read.", 10) from error
        self._trouble = ""
        return key
