"""What a store tells about an object without handing over its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Head:
    """An object's size in bytes and its metadata (S3 keeps them, a folder does not)."""

    size: int
    metadata: Mapping[str, str] = field(default_factory=dict)
