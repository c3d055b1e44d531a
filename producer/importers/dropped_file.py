"""The files of one call: found (in folders and archives too), recognised, and known by their SHA-256."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

from contracts.errors import BackbeatError
from producer.importers.format import Format
from producer.importers.place import GZIP_MAGIC, MOST_UNPACKED_MIB, ZIP_MAGIC, Place, Unpacking
from producer.importers.recognise import HEAD_BYTES, UnrecognisedError, recognise

_CHUNK = 1 << 20


@dataclass(frozen=True)
class DroppedFile:
    """A file that can be imported; `digest` is the SHA-256 of its bytes, `stamp` says whether it changes."""

    place: Place
    format: Format
    digest: str
    stamp: tuple[int, int]


class Skipped(NamedTuple):
    """A file of a folder or an archive that is nothing to import, and why."""

    path: str
    reason: str


def find(paths: Iterable[Path], most_mib: int = MOST_UNPACKED_MIB) -> tuple[list[DroppedFile], list[Skipped]]:
    """The files at `paths` and below, each once; archives may unpack to `most_mib` in all.

    `BackbeatError`: one named is missing, unreadable or of an unknown kind; an archive is broken; or a folder
    or archive holds nothing that can be imported.
    """
    files: dict[tuple[Path, tuple[str, ...]], DroppedFile] = {}
    skipped: list[Skipped] = []
    unpacking = Unpacking(most_mib)
    for path in paths:
        found = 0
        for place in _walk(path):
            named = place.path == path
            for file in _files(place, unpacking):
                if isinstance(file, DroppedFile):
                    found += 1
                    files.setdefault((file.place.path.resolve(), file.place.inside), file)
                elif named and file.path == str(path):
                    raise BackbeatError(f"{path}: {file.reason}")
                else:
                    skipped.append(file)
        if not found:
            raise BackbeatError(f"{path}: holds no file that can be imported")
    return list(files.values()), skipped


def _walk(path: Path) -> Iterator[Place]:
    if path.is_dir():
        for found in sorted(found for found in path.rglob("*") if found.is_file()):
            yield Place(found, found.stat().st_size)
    elif path.is_file():
        yield Place(path, path.stat().st_size)
    elif path.exists():
        raise BackbeatError(f"{path}: neither a file nor a folder")
    else:
        raise BackbeatError(f"{path}: no such file or folder")


def _files(place: Place, unpacking: Unpacking) -> Iterator[DroppedFile | Skipped]:
    """The file at a place, or the files of the archive at it."""
    try:
        with place.open() as file:
            head = file.read(HEAD_BYTES)
        if not head.startswith((ZIP_MAGIC, GZIP_MAGIC)):
            yield _inspected(place, head)
            return
    except UnrecognisedError as error:
        yield Skipped(place.name, str(error))
        return
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        yield Skipped(place.name, f"damaged in the archive: {error}")
        return
    except OSError as error:
        raise BackbeatError(f"{place.name}: {error.strerror or error}") from error
    if head.startswith(GZIP_MAGIC):
        member, refusal = unpacking.unzipped(place)
        # A gzip is its one file: what is wrong with that is wrong with it.
        yield from [Skipped(place.name, refusal)] if refusal else _files(member, unpacking)
        return
    for member, refusal in unpacking.members(place):
        if refusal:
            yield Skipped(member.name, refusal)
        else:
            yield from _files(member, unpacking)


def _inspected(place: Place, head: bytes) -> DroppedFile:
    try:
        known = recognise(head)
    except UnrecognisedError as error:
        offset = _first_broken_byte(head, final=len(head) < HEAD_BYTES)
        if offset is None or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise
        raise UnrecognisedError(f"not UTF-8 text: byte {offset} does not decode") from error
    stamp = place.stamp()
    return DroppedFile(place, known, _digest(place), stamp)


def _first_broken_byte(head: bytes, *, final: bool) -> int | None:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final)
    except UnicodeDecodeError as error:
        return error.start
    return None


def _digest(place: Place) -> str:
    """The SHA-256 of a file; of a member that breaks off, of what can be read of it."""
    digest = sha256()
    with place.open() as file:
        try:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        except (BadZipFile, zlib.error, EOFError):
            return digest.hexdigest()
    return digest.hexdigest()
