"""Files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.errors import BackbeatError


@contextmanager
def whole(path: Path, what: str = "") -> Iterator[Path]:
    """Where to write what `path` holds once the block is left; `BackbeatError` names it, and `what` it is."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        said = f"{what} cannot" if what else "cannot"
        raise BackbeatError(f"{path}: {said} be written: {error.strerror or error}") from error
