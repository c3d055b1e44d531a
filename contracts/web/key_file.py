"""The file of API keys: written whole under a lock, for its owner's eyes, read again when it changes."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from contracts.errors import BackbeatError
from contracts.private_file import is_open_to_others, replace_private
from contracts.web.key import Key, Scope, key_id_of, new_key, now

_SETTING = "BACKBEAT_COLLECTOR_KEYS"
_KEYS = TypeAdapter(list[Key])


class KeyFile:
    """The keys in `path`; a file that does not exist holds none. Other trouble is a `BackbeatError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = None
        self._keys: dict[str, Key] = {}

    def keys(self) -> Mapping[str, Key]:
        """Id → key, as the file has them now. Looking whether it has changed takes 2 µs."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._keys = {key.key_id: key for key in self._read()} if stamp else {}
            self._seen = stamp
        return self._keys

    def find(self, token: str) -> Key | None:
        """The key that `token` opens; None when there is none or it is revoked."""
        key = self.keys().get(key_id_of(token) or "")
        return key if key is not None and key.is_of(token) else None

    def create(
        self, name: str, scopes: tuple[Scope, ...], user_name: str = "", user_id: str = ""
    ) -> tuple[Key, str]:
        """Add a key; returns it with its token."""
        with self._changing() as keys:
            key, token = new_key(name, scopes, user_name, user_id)
            while key.key_id in keys:
                key, token = new_key(name, scopes, user_name, user_id)
            keys[key.key_id] = key
        return key, token

    def revoke(self, key_id: str) -> Key:
        """Let the key open nothing from now on; a collector that runs sees it at its next request."""
        with self._changing() as keys:
            if key_id not in keys:
                raise BackbeatError(
                    f"{self._path} ({_SETTING}) has no key {key_id}: see `backbeat keys list`"
                )
            keys[key_id] = replace(keys[key_id], revoked_at=keys[key_id].revoked_at or now())
            return keys[key_id]

    def _stamp(self) -> tuple[int, ...] | None:
        """What changes whenever the file does: it is replaced whole."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._trouble(error) from error
        return (found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode)

    def _read(self) -> list[Key]:
        try:
            if is_open_to_others(self._path):
                raise BackbeatError(f"{self._path} ({_SETTING}) is open to others: chmod 600 {self._path}")
            return _KEYS.validate_json(self._path.read_bytes())
        except OSError as error:
            raise self._trouble(error) from error
        except ValidationError as error:
            raise BackbeatError(f"{self._path} ({_SETTING}) is no file of keys: restore it") from error

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Key]]:
        """The keys, to be changed while nobody else does; written when the block ends well."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._path.with_name(f"{self._path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise self._trouble(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            keys = {key.key_id: key for key in self._read()} if self._stamp() else {}
            yield keys
            self._write(list(keys.values()))
        finally:
            os.close(lock)

    def _write(self, keys: list[Key]) -> None:
        text = json.dumps([asdict(key) for key in keys], indent=2) + "\n"
        try:
            replace_private(self._path, text)
        except OSError as error:
            raise self._trouble(error) from error

    def _trouble(self, error: OSError) -> BackbeatError:
        return BackbeatError(f"{self._path} ({_SETTING}): {error.strerror}")
