"""Receipts: what an import writes into the lake when it has finished a file, so that the file, by whatever
name, is not imported twice."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Protocol

import orjson

from contracts.errors import BackbeatError
from contracts.lake import receipt_key


class LakeStore(Protocol):
    """What an import needs of a lake: small objects under keys (see `contracts.lake`)."""

    def create(self, key: str, body: bytes) -> bool:
        """Write a new object; False, and nothing written, where there is one."""
        ...

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None where there is none."""
        ...


@dataclass(frozen=True)
class Receipt:
    """What became of the rows of a file. Neither its path nor its user: both may name a person."""

    sha256: str
    kind: str
    rows_in: int
    accepted: int
    rejected: int
    by_reason: dict[str, int]
    imported_at: str
    damage: str | None = None


def find_receipt(store: LakeStore, digest: str) -> Receipt | None:
    """The receipt of the file with this SHA-256; `BackbeatError` where it cannot be read."""
    key = receipt_key(digest)
    body = store.get(key)
    if body is None:
        return None
    try:
        return Receipt(**orjson.loads(body))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise BackbeatError(f"{key}: not a receipt of an import; remove it, or use --again") from error


def leave_receipt(store: LakeStore, receipt: Receipt) -> None:
    """Write the receipt; an earlier one of the same file (see `--again`) stays."""
    store.create(receipt_key(receipt.sha256), orjson.dumps(asdict(receipt), option=orjson.OPT_INDENT_2))
