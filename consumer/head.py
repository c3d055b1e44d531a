"""What a store tells about an object without handing over its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Head:
    """An object's size in bytes, its metadata (S3 keeps them, a folder does not), and when the store's own
    clock says that it was written."""

    size: int
    metadata: Mapping[str, str] = field(default_factory=dict)
    modified: datetime | None = None
