"""Numbers, times and spans as people read them: numbers in the viewer's language, words in English."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)

from streamlit_app import browser

MS_PER_HOUR = 3_600_000


def compact(value: float) -> str:
    """1234 → 1,234; 12345 → 12.3K; 5300000 → 5.3M; in German 1.234, 12.345, 5,3 Mio."""
    language = browser.language()
    if abs(value) >= 10_000:
        short = format_compact_decimal(value, locale=language, fraction_digits=1)
        if not short.lstrip("-").isdigit():  # a language may have no short word for thousands
            return short
    return format_decimal(round(value), locale=language)


def decimal(value: float) -> str:
    """1234.5678 → 1,234.568: all digits before the point, three at most behind it."""
    return format_decimal(value, "#,##0.###", locale=browser.language())


def tenth(value: float) -> str:
    """1234.56 → 1,234.6; one decimal, always."""
    return fixed(value, 1)


def fixed(value: float, places: int) -> str:
    """1234.5 with 2 → 1,234.50: so many decimals, always."""
    form = f"#,##0.{'0' * places}" if places else "#,##0"
    return format_decimal(value, form, locale=browser.language())


def money(value: float, currency: str) -> str:
    """1234.5 USD → $1,234.50; from 100,000 on short: $1.2M."""
    language = browser.language()
    if abs(value) >= 100_000:
        short: str = format_compact_currency(value, currency, locale=language, fraction_digits=1)
        return short
    return format_currency(value, currency, locale=language)


def hours(ms: float | None) -> str:
    """Milliseconds as hours: one decimal below ten; None → a dash."""
    return "–" if ms is None else many_hours(ms / MS_PER_HOUR)


def many_hours(value: float) -> str:
    """Hours: one decimal below ten."""
    return tenth(value) if 0 < value < 10 else compact(value)


def ratio(part: float, whole: float) -> float:
    """part / whole; nothing of nothing is 0."""
    return part / whole if whole else 0.0


def percent(share: float | None) -> str:
    """0.1455 → 14.6%; None → a dash."""
    if share is None:
        return "–"
    language = browser.language()
    form = language.percent_formats[None].pattern.replace("0", "0.0", 1)
    return format_percent(share, form, locale=language)


def day(moment: date) -> str:
    """20 Nov 2026."""
    return f"{moment.day} {moment:%b %Y}"


def minute(moment: datetime) -> str:
    """20 Nov 2026, 13:05 UTC: by the viewer's clock; a moment without a zone is UTC."""
    here = browser.local(moment)
    return f"{day(here)}, {here:%H:%M} {here.tzname()}"


def span(first: date, last: date) -> str:
    """22 Sep – 20 Nov 2026; the year is said twice only when it differs."""
    if first == last:
        return day(last)
    start = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{start} – {day(last)}"


def ago(moment: datetime, now: datetime) -> str:
    """How long before `now`: just now, 5 min ago, 3 h ago, 2 days ago."""
    passed = max(now - moment, timedelta())
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"
