"""What a build of the warehouse depends on, as digests: the lake's objects, and the project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from contracts.events import TOPICS
from contracts.lake import BRONZE, INBOX, LANDING
from serving.many import of_each

# What dbt reads of the project; its own output and what is only for people lie elsewhere.
_FILES = ("dbt_project.yml", "profiles.yml")
_FOLDERS = ("models", "macros", "seeds", "snapshots", "tests/dbt")
_ENGINES = ("dbt-core", "dbt-duckdb", "duckdb")
# Which lake and which warehouse; how much memory and how many threads changes no row.
_VARIABLES = ("BACKBEAT_LAKE", "BACKBEAT_S3_ENDPOINT_URL", "BACKBEAT_TARGET", "BACKBEAT_WAREHOUSE")


class Described(Protocol):
    """What a store tells about an object."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def modified(self) -> datetime | None:
        """When it was written, by the store's clock."""


class Lake(Protocol):
    """Where the lake's objects are listed; BackbeatError when it cannot be reached."""

    def list(self, prefix: str, start_after: str = "") -> Iterator[str]:
        """The keys that begin with `prefix`, in order."""

    def head(self, key: str) -> Described | None:
        """Size and time of one object."""

    def read(self, key: str, start: int, size: int) -> bytes:
        """`size` bytes of the object from `start` on."""


def inputs(lake: Lake, root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What a build reads now → its digest; two builds with the same digests read the same.

    `environment` is that of dbt. An object of bronze never changes under its name; a file in landing may, by
    hand, so its size and time count too.
    """
    return {"the lake": lake_digest(lake), "the project": project_digest(root, environment)}


def lake_digest(lake: Lake) -> str:
    """Digest of the names of all data objects, and of the files in landing as they are."""
    # A listing on S3 waits for 1,000 names at a time.
    landed = of_each(lambda topic: _digest(lake.list(f"{BRONZE}/{topic}/")), TOPICS)
    files = of_each(lake.head, _landed(lake))
    told = (f"{key} {head and (head.size, head.modified)}" for key, head in files.items())
    return _digest([*landed.values(), *told])


def _landed(lake: Lake) -> Iterator[str]:
    """The files in landing that dbt reads: what waits in the inbox is nobody's data yet."""
    return (key for key in lake.list(f"{LANDING}/") if not key.startswith(f"{INBOX}/"))


def project_digest(root: Path, environment: Mapping[str, str]) -> str:
    """Digest of the models and all that dbt reads beside them, of the engines' versions and of which lake."""
    paths = [root / name for name in _FILES if (root / name).is_file()]
    paths += [path for folder in _FOLDERS for path in sorted((root / folder).rglob("*")) if path.is_file()]
    files = (f"{path.relative_to(root)} {sha256(path.read_bytes()).hexdigest()}" for path in paths)
    engines = (f"{name} {version(name)}" for name in _ENGINES)
    variables = (f"{name}={environment.get(name, '')}" for name in _VARIABLES)
    return _digest([*files, *engines, *variables])


def _digest(lines: Iterable[str]) -> str:
    total = sha256()
    for line in lines:
        total.update(line.encode() + b"\n")
    return total.hexdigest()
