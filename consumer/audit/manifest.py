"""Manifests and departures as the audit reads them: what was compacted where, and what left bronze."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from consumer.audit.decision import Decision
from contracts.lake import DEPARTURES, MANIFESTS, Chain

_MANIFEST = re.compile(
    rf"{MANIFESTS}/([^/]+)/(\d{{4}}-\d\d-\d\dT\d\d)/([^/]+)/([^/]+)/([^/]+)/\d{{5,}}\.json"
)


class Replaced(BaseModel):
    """An object of bronze whose rows a compacted object holds, too."""

    model_config = ConfigDict(frozen=True, strict=True)

    key: str
    partition: int
    base: int
    end: int
    count: int
    content_hash: str


class Compacted(BaseModel):
    """A compacted object and whose rows are in it, one after the other."""

    model_config = ConfigDict(frozen=True, strict=True)

    key: str
    size: int
    rows: int
    sha256: str
    sources: tuple[Replaced, ...]


class Manifest(BaseModel):
    """The body of a manifest."""

    model_config = ConfigDict(frozen=True, strict=True)

    outputs: tuple[Compacted, ...]


class Departure(BaseModel):
    """The body of a departure: the bronze keys that leave."""

    model_config = ConfigDict(frozen=True, strict=True)

    keys: tuple[str, ...]


class Claim(BaseModel):
    """A manifest's word for one object of bronze; `fence` is the key of what must have decided it."""

    model_config = ConfigDict(frozen=True)

    manifest: str
    output: Compacted
    source: Replaced
    fence: str
    hour: datetime

    def contradicts(self, decision: Decision) -> bool:
        """Whether it is not what the fence says."""
        said = self.source
        theirs = decision.key, decision.end, decision.count, decision.content_hash, decision.hour
        return (self.fence, said.end, said.count, said.content_hash, self.hour) != theirs


def claims_of(key: str, body: bytes) -> list[Claim]:
    """Everything that the manifest at `key` claims; ValueError when it is none."""
    match = _MANIFEST.fullmatch(key)
    if match is None:
        raise ValueError("no manifest has such a key")
    hour = datetime.strptime(match[2], "%Y-%m-%dT%H").replace(tzinfo=UTC)
    found = []
    for output in Manifest.model_validate_json(body).outputs:
        for source in output.sources:
            chain = Chain(match[3], match[4], match[1], match[5], source.partition)
            fence = chain.fence_key(source.base)
            found.append(
                Claim.model_construct(manifest=key, output=output, source=source, fence=fence, hour=hour)
            )
    return found


def departures_prefix(topic: str, hour: datetime) -> str:
    """Where the departures of an hour lie."""
    return f"{DEPARTURES}/{topic}/{hour:%Y-%m-%dT%H}/"


def manifests_prefix(topic: str, hour: datetime) -> str:
    """Where the manifests of an hour lie."""
    return f"{MANIFESTS}/{topic}/{hour:%Y-%m-%dT%H}/"
