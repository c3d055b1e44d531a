"""Days and months as reports write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from producer.reports.number import BAD, Reader

_EARLIEST = 1990
_LATEST = 2100
# A leap year, so that a 29th of February without a year can be read.
_LEAP = "2000 "


def date_reader(formats: Sequence[str]) -> Reader:
    """Text → date, None where it is empty, `BAD`; `formats` as strptime's, ISO where there are none."""

    def read(text: str) -> object:
        bare = text.strip()
        if not bare:
            return None
        found = _iso(bare) if not formats else None
        for form in formats:
            found = found or _parsed(bare, form)
        return found if found and _EARLIEST <= found.year < _LATEST else BAD

    return read


def month_reader(formats: Sequence[str]) -> Reader:
    """The same, as the first day of the month; `YYYY-MM` where there are no `formats`."""
    read_day = date_reader(formats or ("%Y-%m", "%Y-%m-%d", "%Y%m", "%b %Y", "%B %Y"))

    def read(text: str) -> object:
        found = read_day(text)
        return found.replace(day=1) if isinstance(found, date) else found

    return read


def day_of_year_reader(formats: Sequence[str]) -> Reader:
    """Text without a year → that day of a leap year; `with_years` makes dates of a whole column."""

    def read(text: str) -> object:
        bare = text.strip()
        if not bare:
            return None
        return next((found for form in formats if (found := _parsed(_LEAP + bare, "%Y " + form))), BAD)

    return read


def with_years(days: Sequence[object], latest: date) -> list[object]:
    """The years of days that follow one another: the last is the newest that is not after `latest`, and one
    that stands before an earlier day of the year is a year older."""
    following, found = latest, []
    for day in reversed(days):
        if isinstance(day, date):
            following = _not_after(day, following)
            found.append(following)
        else:
            found.append(day)  # type: ignore[arg-type]
    return list(reversed(found))


def _not_after(day: date, latest: date) -> date:
    for year in range(latest.year, latest.year - 9, -1):
        try:
            candidate = day.replace(year=year)
        except ValueError:  # the 29th of February
            continue
        if candidate <= latest:
            return candidate
    return latest


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text[10:11] in ("", "T", " ") else None
    except ValueError:
        return None


def _parsed(text: str, form: str) -> date | None:
    """The day in `text`; the form `epoch` is seconds since 1970, `number` is 20240131 as any number."""
    try:
        if form == "number":
            number = Decimal(text)
            return _parsed(str(int(number)), "%Y%m%d") if 0 < number < 10**8 else None
        if form == "epoch":
            return datetime.fromtimestamp(int(text), UTC).date()
        return datetime.strptime(text, form).date()  # noqa: DTZ007 -- a day has no zone
    except (ValueError, ArithmeticError, OSError):
        return None
