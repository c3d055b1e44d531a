"""The files of one call: found, recognised, and read through once for their SHA-256 and their encoding."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from contracts.errors import BackbeatError
from producer.importers.recognise import HEAD_BYTES, Kind, UnrecognisedError, recognise

_CHUNK = 1 << 20


@dataclass(frozen=True)
class DroppedFile:
    """A file that can be imported; `digest` is the SHA-256 of its bytes."""

    path: Path
    kind: Kind
    digest: str


class Skipped(NamedTuple):
    """A file of a folder that is nothing to import, and why."""

    path: Path
    reason: str


def find(paths: Iterable[Path]) -> tuple[list[DroppedFile], list[Skipped]]:
    """The files at `paths` and below, each once. `BackbeatError`: one named is missing, unreadable or of an
    unknown kind; one found is of a known kind but broken; or a folder holds nothing that can be imported."""
    files: dict[Path, DroppedFile] = {}
    skipped: list[Skipped] = []
    for path in paths:
        found = 0
        for candidate in _walk(path):
            named = candidate == path
            try:
                dropped = _inspect(candidate)
            except UnrecognisedError as error:
                if named:
                    raise BackbeatError(f"{path}: {error}") from error
                skipped.append(Skipped(candidate, str(error)))
                continue
            found += 1
            files.setdefault(candidate.resolve(), dropped)
        if not found:
            raise BackbeatError(f"{path}: holds no file that can be imported")
    return list(files.values()), skipped


def _walk(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(found for found in path.rglob("*") if found.is_file())
    elif path.is_file():
        yield path
    elif path.exists():
        raise BackbeatError(f"{path}: neither a file nor a folder")
    else:
        raise BackbeatError(f"{path}: no such file or folder")


def _inspect(path: Path) -> DroppedFile:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        kind = _recognised(path, head)
        return DroppedFile(path, kind, _read_through(path))
    except OSError as error:
        raise BackbeatError(f"{path}: {error.strerror or error}") from error


def _recognised(path: Path, head: bytes) -> Kind:
    try:
        return recognise(head)
    except UnrecognisedError as error:
        offset = _first_broken_byte(head, final=len(head) < HEAD_BYTES)
        if offset is None:
            raise
        raise UnrecognisedError(f"not UTF-8 text: byte {offset} of {path.name} does not decode") from error


def _first_broken_byte(head: bytes, *, final: bool) -> int | None:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final)
    except UnicodeDecodeError as error:
        return error.start
    return None


def _read_through(path: Path) -> str:
    """The SHA-256 of a file that is UTF-8 to its end; `BackbeatError` names the first byte that is not."""
    digest, decoder, position = sha256(), codecs.getincrementaldecoder("utf-8")(), 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                offset = position - pending + error.start
                raise BackbeatError(f"{path}: not UTF-8: byte {offset} does not decode") from error
            if not chunk:
                return digest.hexdigest()
            digest.update(chunk)
            position += len(chunk)
