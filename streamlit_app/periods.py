"""A period of days and the one before it (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

CHOICES = (7, 14, 30, 90, 365)


@dataclass(frozen=True)
class Period:
    """The days `first` … `last`, both included."""

    first: date
    last: date

    @classmethod
    def ending(cls, last: date, days: int) -> Period:
        """The `days` (≥ 1) days up to and including `last`."""
        return cls(last - timedelta(days=days - 1), last)

    @property
    def days(self) -> int:
        """How many days it holds."""
        return (self.last - self.first).days + 1

    def prior(self) -> Period:
        """The equally long period just before."""
        return Period.ending(self.first - timedelta(days=1), self.days)

    def before(self, grain: str) -> Period:
        """The period to lay beside this one, step by step: just before, whole weeks where `grain` is week."""
        days = -(-self.days // 7) * 7 if grain == "week" else self.days
        return Period(self.first - timedelta(days=days), self.last - timedelta(days=days))

    def within(self, first: date, last: date) -> bool:
        """Whether data from `first` to `last` cover the whole period."""
        return first <= self.first and self.last <= last

    def whole_weeks(self) -> Period:
        """The same days, and those before them back to a Monday: a part of a week would look like a fall."""
        return Period(self.first - timedelta(days=self.first.weekday()), self.last)

    @property
    def step(self) -> str:
        """day, week or month: what keeps a chart of the period readable."""
        return "day" if self.days <= 120 else "week" if self.days <= 800 else "month"


def default_days(first: date, last: date) -> int:
    """The longest choice (≤ 30) whose prior period the data also cover; else the shortest."""
    have = (last - first).days + 1
    fitting = [days for days in CHOICES if 2 * days <= have and days <= 30]
    return fitting[-1] if fitting else CHOICES[0]
