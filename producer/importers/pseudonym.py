"""Pseudonyms: a keyed hash of what a file calls its user."""

from __future__ import annotations

import hmac
import os
from pathlib import Path
from secrets import token_hex
from tempfile import NamedTemporaryFile

from contracts.errors import BackbeatError
from producer.importers.settings import ImportSettings


class Pseudonyms:
    """User as a file names it → `<prefix>-<16 hex>`, the same under the same key and source."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[tuple[str, str], str] = {}

    def of(self, source: str, user: str) -> str:
        """The pseudonym of `user` of `source` (`import.spotify` → `spotify-…`)."""
        known = self._known.get((source, user))
        if known is None:
            text = f"{source}\x1f{user}".encode("utf-8", "surrogatepass")
            digest = hmac.new(self._key, text, "sha256").hexdigest()[:16]
            known = f"{source.removeprefix('import.')}-{digest}"
            self._known[source, user] = known
        return known


def pseudonym_key(settings: ImportSettings) -> bytes:
    """The key given, or the one kept in `pseudonym_key_file`, made there (mode 0600) the first time."""
    given = settings.pseudonym_key.get_secret_value()
    if given:
        return given.encode()
    path = settings.pseudonym_key_file
    try:
        if not path.exists():
            _create(path)
        key = path.read_bytes().strip()
    except OSError as error:
        raise BackbeatError(
            f"{path}: cannot keep the key of the pseudonyms there ({error.strerror}); "
            "see BACKBEAT_PSEUDONYM_KEY_FILE"
        ) from error
    if not key:
        raise BackbeatError(f"{path}: holds no key; restore it, or remove it to have a new one made")
    return key


def _create(path: Path) -> None:
    """Write a new key whole or not at all; where two processes try, both use the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=".pseudonym-", encoding="ascii") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return
