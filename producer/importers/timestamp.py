"""Times in files: read strictly, written one way.

Inside the importers a time is a whole number of milliseconds since 1970 (UTC): a row has up to three, and
numbers are compared and subtracted in a tenth of the time that `datetime` takes.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache

DAY_MS = 86_400_000
EARLIEST_MS = 946_684_800_000  # 2000-01-01: silver's rule

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1).toordinal()
_MINUTES = tuple(f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60))
_THOUSANDTHS = tuple(f".{ms:03}Z" for ms in range(1000))
_SECONDS = tuple(f"{second:02}" for second in range(60))
_MS_OF_MINUTE = {text: number * 60_000 for number, text in enumerate(_MINUTES)}
_MS_OF_SECOND = {text: number * 1000 for number, text in enumerate(_SECONDS)}


def parse_timestamp(text: str) -> datetime | None:
    """The UTC time that `text` (ISO-8601, to the minute or finer; no offset means UTC) names, or None."""
    if not _TIMESTAMP.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_ms(text: str) -> int | None:
    """The same, in milliseconds since 1970, rounded down."""
    if len(text) == 20 and text[10] == "T" and text[19] == "Z" and text[16] == ":":
        day = _day_ms(text[:10])
        minute = _MS_OF_MINUTE.get(text[11:16])
        second = _MS_OF_SECOND.get(text[17:19])
        return None if day is None or minute is None or second is None else day + minute + second
    moment = parse_timestamp(text)
    return None if moment is None else epoch_ms(moment, floor=None)


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


def wire_ms(at_ms: int) -> str:
    """The same, of milliseconds since 1970 (within the years 1 to 9999)."""
    second, thousandth = divmod(at_ms, 1000)
    minute = second // 60
    day = minute // 1440
    clock = _MINUTES[minute - day * 1440]
    return f"{_day_text(day)}T{clock}:{_SECONDS[second - minute * 60]}{_THOUSANDTHS[thousandth]}"


def epoch_ms(moment: datetime | None, floor: int | None = 0) -> int:
    """Milliseconds since 1970, not below `floor`, so that every time fits an event id; 0 for None."""
    if moment is None:
        return 0
    found = (moment - _EPOCH) // (datetime.resolution * 1000)
    return found if floor is None else max(floor, found)


@lru_cache(maxsize=1 << 14)
def _day_ms(text: str) -> int | None:
    day = parse_date(text)
    return None if day is None else (day.toordinal() - _FIRST_DAY) * DAY_MS


@lru_cache(maxsize=1 << 14)
def _day_text(day: int) -> str:
    return date.fromordinal(_FIRST_DAY + day).isoformat()
