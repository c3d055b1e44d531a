"""What a browser tells of who looks: how their numbers are written, and what their clock says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
import streamlit as st
from babel import Locale, UnknownLocaleError

FALLBACK = Locale("en", "US")


def language() -> Locale:
    """The language whose numbers the browser asks for; English where it asks for none that is known."""
    asked = st.context.locale or ""
    try:
        return Locale.parse(asked, sep="-")
    except (ValueError, UnknownLocaleError, TypeError):
        return FALLBACK


def zone() -> tzinfo:
    """The browser's time zone; UTC where it names none that is known."""
    name = st.context.timezone
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):  # ValueError: a name that is no key, as "../UTC"
        return UTC


def local(moment: datetime) -> datetime:
    """`moment` by the viewer's clock; one without a zone is UTC, as in snapshots."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone())


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Begin and end of a day of the viewer's calendar, in UTC without a zone, as snapshots have it."""
    midnights = (datetime.combine(each, time(), zone()) for each in (day, day + timedelta(days=1)))
    begin, end = (midnight.astimezone(UTC).replace(tzinfo=None) for midnight in midnights)
    return begin, end


def clock(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """`frame` with those columns, UTC without a zone, as the same moments by the viewer's clock."""
    here = str(zone())
    return frame.with_columns(
        pl.col(column).dt.replace_time_zone("UTC").dt.convert_time_zone(here) for column in columns
    )


def number_format() -> dict[str, Any] | None:
    """How Vega is to write numbers; None where its own way, the English one, is right."""
    signs = language().number_symbols["latn"]
    decimal, thousands = signs["decimal"], signs["group"]
    if (decimal, thousands) == (".", ","):
        return None
    return {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""]}


def zone_name(moment: datetime | None = None) -> str:
    """What the viewer's zone is called at `moment` (now): UTC, CET, GMT+9."""
    return local(moment or datetime.now(UTC)).tzname() or "UTC"
