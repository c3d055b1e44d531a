"""An object of the lake as a file that is read in parts: Parquet needs its end and the columns asked for."""

from __future__ import annotations

import io
from hashlib import sha256

from consumer.store import Store
from contracts.errors import BackbeatError

_PART = 8 * 1024**2


class RangedFile(io.RawIOBase):
    """The object at `key`, which must not change meanwhile; BackbeatError when it is not there."""

    def __init__(self, store: Store, key: str) -> None:
        super().__init__()
        head = store.head(key)
        if head is None:
            raise BackbeatError(f"{key} is not in the lake (BACKBEAT_LAKE)")
        self._store, self._key = store, key
        self._size, self._position = head.size, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to `offset` from the start, the position or the end."""
        origins = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}
        self._position = origins[whence] + offset
        return self._position

    def tell(self) -> int:
        """Where the next read begins."""
        return self._position

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, fewer at the end, all that is left when negative."""
        left = max(self._size - self._position, 0)
        size = left if size < 0 else min(size, left)
        found = self._store.read(self._key, self._position, size) if size else b""
        self._position += len(found)
        return found

    def size(self) -> int:
        """The object's size in bytes."""
        return self._size

    def sha256(self) -> str:
        """Of all its bytes; never more than a few MB of them at a time."""
        digest = sha256()
        self.seek(0)
        while part := self.read(_PART):
            digest.update(part)
        return digest.hexdigest()
