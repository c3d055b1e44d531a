"""What the last build read and left behind, written down beside the warehouse.

Whoever finds the same inputs and the same file need not build. The note is torn up before a build begins
and written when it has succeeded, so a build that failed or was killed leaves none. Anything else that
writes to the warehouse changes the file's time or size, and the note is no longer about it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from contracts.errors import BackbeatError


@dataclass(frozen=True)
class Built:
    """A build: when it began (ISO, UTC), the digests it read, the file it left, what was published.

    `hourly`: it made only what an hour changes.
    """

    began_at: str
    inputs: dict[str, str]
    warehouse: list[list[int]]
    published: dict[str, Any] | None = None
    hourly: bool = False

    def outdated(self, inputs: dict[str, str], warehouse: Path, *, hourly: bool = False) -> str | None:
        """Why `warehouse` has to be built again, in words; None when nothing has changed.

        An hourly build is made good by a whole one, and is no reason for another hourly one.
        """
        if self.warehouse != traces(warehouse):
            return f"{warehouse.name} is not as the last {'' if self.hourly else 'whole '}build left it"
        changed = [name for name, digest in inputs.items() if self.inputs.get(name) != digest]
        if changed:
            return f"{' and '.join(changed)} changed"
        return "the last build was hourly" if self.hourly and not hourly else None


def traces(warehouse: Path) -> list[list[int]]:
    """Size, time (ns) and number of the warehouse's file, and of its log if a writer left one behind."""
    files = (warehouse, warehouse.with_name(f"{warehouse.name}.wal"))
    return [
        [at.st_size, at.st_mtime_ns, at.st_ino] for at in (file.stat() for file in files if file.exists())
    ]


def read(warehouse: Path) -> Built | None:
    """The note of the last build of `warehouse`; None when there is none that can be read."""
    try:
        return Built(**json.loads(_note(warehouse).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):  # cut off, or of another version: it proves nothing
        return None


def write(warehouse: Path, built: Built) -> None:
    """Write the note down, whole or not at all; BackbeatError when the folder does not take it."""
    note = _note(warehouse)
    partial = note.with_name(f"{note.name}.{os.getpid()}.partial")
    try:
        partial.write_text(json.dumps(asdict(built)), encoding="utf-8")
        partial.replace(note)
    except OSError as error:
        raise BackbeatError(f"cannot write {note} (BACKBEAT_WAREHOUSE): {error.strerror}") from error


def forget(warehouse: Path) -> None:
    """Tear the note up: from now on the warehouse may be half built."""
    _note(warehouse).unlink(missing_ok=True)


def _note(warehouse: Path) -> Path:
    return warehouse.with_name(f"{warehouse.name}.built.json")
