"""Bring a history in from the page: `backbeat import` as a child process.

The app reads snapshots and produces nothing itself; what people drop goes the way of every import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from contracts.errors import BackbeatError
from streamlit_app import child

_LONGEST_NAME = 200  # bytes; file systems end at 255


class Dropped(Protocol):
    """A file as the browser sent it."""

    @property
    def name(self) -> str: ...

    def getbuffer(self) -> memoryview: ...


@dataclass(frozen=True)
class Imported:
    """What an import told: rows in = accepted + rejected; `known` files were imported before.

    `files` are name, kind, rows_in, accepted, rejected of each; `skipped` what is nothing to import, and why.
    """

    rows_in: int
    accepted: int
    rejected: int
    by_reason: Mapping[str, int]
    files: tuple[tuple[str, str, int, int, int], ...]
    known: tuple[str, ...]
    damaged: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]


def bring_in(files: Sequence[Dropped], listener: str, folder: Path) -> Imported:
    """Import `files` as the history of `listener` (empty: the default one), run from `folder`.

    They lie in a temporary folder while it runs and nowhere after. Raises BackbeatError with the importer's
    own line: what a file is, if it cannot be imported.
    """
    with TemporaryDirectory(prefix="backbeat-import-") as place:
        paths = [_kept(file, Path(place) / str(number)) for number, file in enumerate(files)]
        user = [f"--user={listener}"] if listener else []
        try:
            told = child.run("import", "--json", *user, "--", *map(str, paths), folder=folder)
        except BackbeatError as error:
            raise BackbeatError(_without(place, str(error))) from error
        return _imported(told, place)


def _kept(file: Dropped, place: Path) -> Path:
    """The file in a folder of its own: two may have one name, and a name is not to lead anywhere else."""
    place.mkdir()
    last = file.name.replace("\\", "/").replace("\0", "").split("/")[-1]
    name = last.encode("utf-8", "replace")[-_LONGEST_NAME:].decode("utf-8", "ignore")
    path = place / (name if name.strip(".") else "file")
    path.write_bytes(file.getbuffer())
    return path


def _imported(told: dict[str, Any], place: str) -> Imported:
    rows = [{**row, "path": _without(place, row["path"])} for row in told["files"]]
    return Imported(
        told["rows_in"],
        told["accepted"],
        told["rejected"],
        dict(sorted(told["by_reason"].items(), key=lambda pair: -pair[1])),
        tuple((row["path"], row["kind"], row["rows_in"], row["accepted"], row["rejected"]) for row in rows),
        tuple(row["path"] for row in rows if row["already_imported"]),
        tuple(f"{row['path']}: {row['damage']}" for row in rows if row["damage"]),
        tuple((_without(place, skip["path"]), skip["reason"]) for skip in told["skipped"]),
    )


def _without(place: str, text: str) -> str:
    """`text` with the files' own names alone, not where they lay."""
    for number in range(text.count(place) and 1_000):
        text = text.replace(f"{place}/{number}/", "")
    return text
