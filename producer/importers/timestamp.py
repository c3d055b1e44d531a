"""Times in files: read strictly, written one way."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def parse_timestamp(text: str) -> datetime | None:
    """The UTC time that `text` (ISO-8601, to the minute or finer; no offset means UTC) names, or None."""
    if not _TIMESTAMP.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_date(text: str) -> date | None:
    """The day that `text` (YYYY-MM-DD) names, or None."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def wire(moment: datetime) -> str:
    """A UTC time as events carry it: ISO-8601, milliseconds, `Z`."""
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def epoch_ms(moment: datetime | None) -> int:
    """Milliseconds since 1970, never negative, so that every time fits an event id; 0 for None."""
    if moment is None:
        return 0
    return max(0, int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000))
