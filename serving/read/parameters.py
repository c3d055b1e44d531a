"""The parameters that several routes of the read API have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Depends, Path, Query

Region = Annotated[str, Query(pattern=r"^([A-Z]{2}|GLOBAL)$", description="ISO 3166-1 alpha-2, or GLOBAL.")]
UserId = Annotated[str, Path(min_length=1, max_length=200, description="Pseudonymous listener.")]
Day = Annotated[date | None, Query(description="The day (UTC); none: the newest chart.")]
Moment = Annotated[
    datetime | None, Query(description="A moment within the hour (UTC); none: the newest chart.")
]


@dataclass(frozen=True)
class _Part:
    """Which rows of a list."""

    limit: Annotated[int, Query(ge=1, le=500, description="Rows to list.")] = 50
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="Rows to leave out before.")] = 0

    def named(self) -> dict[str, object]:
        """By name."""
        return {"limit": self.limit, "offset": self.offset}


@dataclass(frozen=True)
class _Time:
    """Which days."""

    first: Annotated[date | None, Query(description="First day (UTC); none: as far back as usual.")] = None
    last: Annotated[date | None, Query(description="Last day (UTC); none: the last there is.")] = None

    def named(self) -> dict[str, object]:
        """By name."""
        return {"first": self.first, "last": self.last}


Part = Annotated[_Part, Depends()]
Time = Annotated[_Time, Depends()]


def in_utc(moment: datetime | None) -> datetime | None:
    """Without a zone, as the warehouse has its times; one that no zone can move stays where it is."""
    if moment is None or moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return moment.replace(tzinfo=None)
