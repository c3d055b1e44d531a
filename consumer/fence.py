"""A fence: the small object that decides, once and for all, what the lake holds from an offset on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, ValidationError

from consumer.draft import Draft
from contracts.errors import BackbeatError
from contracts.events import SCHEMA_VERSION
from contracts.lake import Chain

# How far ahead of our clock a producer's may be and still choose the hour.
_SKEW = timedelta(hours=1)


class Fence(BaseModel):
    """The body of the fence at `base`: it covers the offsets [base, end], both included.

    `gaps` are the runs in it that Kafka never delivered; `first` and `last` the outermost offsets it
    did; `first_ts` and `last_ts` the earliest and latest broker timestamp (epoch ms). `content_hash`
    is of the records (`Digest`), so that it holds whatever code writes the file; `last_hash`
    the same of the last record alone, `last_epoch` the leader epoch it was written under. The winner's
    right to write the object ends at `put_expires`. Fences of older versions lack these three.
    """

    model_config = ConfigDict(frozen=True)

    base: int
    end: int
    first: int
    last: int
    count: int
    gaps: list[tuple[int, int]]
    hour: datetime
    data_key: str
    content_hash: str
    first_ts: int | None
    last_ts: int | None
    writer: str
    attempt: str
    schema_version: int
    last_hash: str | None = None
    last_epoch: int | None = None
    put_expires: datetime | None = None

    @classmethod
    def of(cls, chain: Chain, draft: Draft, previous: datetime | None, now: datetime, writer: str) -> Fence:
        """The fence that would land `draft`; `previous` is the hour of the fence before it."""
        hour = landing_hour(previous, draft.latest, now)
        return cls(
            base=draft.base,
            end=draft.end,
            first=draft.first,
            last=draft.last,
            count=len(draft),
            gaps=draft.gaps,
            hour=hour,
            data_key=chain.data_key(draft.base, hour),
            content_hash=draft.content_hash(),
            first_ts=draft.earliest,
            last_ts=draft.latest,
            writer=writer,
            attempt=uuid4().hex,
            schema_version=SCHEMA_VERSION,
            last_hash=draft.last_hash(),
            last_epoch=draft.last_epoch,
        )

    def body(self) -> bytes:
        """The fence as JSON."""
        return self.model_dump_json().encode()

    def stamp(self) -> dict[str, str]:
        """What the data object says about itself: the same in its metadata and in its footer."""
        return {
            "backbeat-base": str(self.base),
            "backbeat-end": str(self.end),
            "backbeat-count": str(self.count),
            "backbeat-content-hash": self.content_hash,
        }


def landing_hour(previous: datetime | None, timestamp: int | None, now: datetime) -> datetime:
    """The hour (UTC) that rows land in: the broker timestamp's, never before the chain's `previous`.

    CreateTime can be anything: what is ahead of `now` by more than an hour counts as that.
    """
    stamped = now if timestamp is None else datetime.fromtimestamp(timestamp / 1000, UTC)
    hour = min(stamped, now + _SKEW).replace(minute=0, second=0, microsecond=0)
    return hour if previous is None else max(previous, hour)


def parse_fence(key: str, body: bytes) -> Fence:
    """The fence stored at `key`; BackbeatError when it is not one."""
    try:
        return Fence.model_validate_json(body)
    except ValidationError as error:
        raise BackbeatError(f"{key} in the lake is not a fence (BACKBEAT_LAKE): {error.title}") from error
