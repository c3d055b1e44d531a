"""Numbers, times and spans as people read them (pure)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

MS_PER_HOUR = 3_600_000


def compact(value: float) -> str:
    """1234 → 1,234; 12345 → 12.3K; 5300000 → 5.3M."""
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e4, "K")):
        if abs(value) >= size:
            scaled = value / (1e3 if unit == "K" else size)
            return f"{scaled:.0f}{unit}" if abs(scaled) >= 100 else f"{scaled:.1f}{unit}"
    return f"{value:,.0f}"


def hours(ms: float | None) -> str:
    """Milliseconds as hours: one decimal below ten; None → a dash."""
    if ms is None:
        return "–"
    value = ms / MS_PER_HOUR
    return f"{value:.1f}" if 0 < value < 10 else compact(value)


def ratio(part: float, whole: float) -> float:
    """part / whole; nothing of nothing is 0."""
    return part / whole if whole else 0.0


def percent(share: float | None) -> str:
    """0.1455 → 14.6%; None → a dash."""
    return "–" if share is None else f"{share * 100:.1f}%"


def day(moment: date) -> str:
    """20 Nov 2026."""
    return f"{moment.day} {moment:%b %Y}"


def minute(moment: datetime) -> str:
    """20 Nov 2026, 13:05 UTC."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


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
