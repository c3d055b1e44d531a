"""When people listen: by hour of their own day, by weekday, and over the whole window."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from producer.simulator.arrays import Floats, Ints
from producer.simulator.config import SimulationConfig
from producer.simulator.places import OFFSETS
from producer.simulator.randomness import lasting_stream

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

# Larks to owls: hours by which a listener's day lies behind the country's.
CHRONOTYPES = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])

# Weights by local hour: on working days a peak on the way to work and a higher one towards evening;
# at weekends a late start and a long evening.
_WORKDAY = [9, 5, 3, 2, 3, 8, 22, 45, 58, 50, 44, 44, 48, 46, 46, 50, 58, 72, 74, 66, 58, 50, 38, 20]
_WEEKEND = [18, 12, 7, 4, 3, 4, 8, 16, 28, 42, 54, 60, 62, 60, 58, 58, 60, 64, 66, 64, 62, 58, 48, 32]
_HOURLY = np.array([_WORKDAY, _WEEKEND], float)

# Monday to Sunday, against the average day.
_WEEKDAY = np.array([0.95, 0.96, 0.98, 1.0, 1.08, 1.08, 0.95])
_GROWTH = 0.25
_DAY_NOISE = 0.03


def daily_shares(config: SimulationConfig) -> Floats:
    """(days,) share of all events on each day; adds up to 1. Grows slowly, follows the week."""
    rng = lasting_stream(config, "days")
    weekdays = (config.start.weekday() + np.arange(config.days)) % 7
    trend = 1 + _GROWTH * np.arange(config.days) / config.days
    shares = _WEEKDAY[weekdays] * trend * rng.lognormal(0, _DAY_NOISE, config.days)
    return np.asarray(shares / shares.sum())


def hourly_shares(day: date) -> Floats:
    """(countries * chronotypes, 24) cumulative shares of one UTC day's hours, for each kind of listener."""
    behind = (OFFSETS[:, None] - CHRONOTYPES[None, :]).ravel()
    local = np.floor(np.arange(24)[None, :] + behind[:, None]).astype(int)
    weekend = (day.weekday() + local // 24) % 7 >= 5
    weights = _HOURLY[weekend.astype(int), local % 24]
    totals = np.cumsum(weights, axis=1)
    return np.asarray(totals / totals[:, -1:])


def moments(rng: np.random.Generator, day: datetime, group: Ints) -> Ints:
    """(n,) times within the UTC day beginning at `day` (epoch ms), one for each listener's `group`."""
    shares = hourly_shares(day.date())[group]
    hour = (rng.random(len(group))[:, None] >= shares).sum(axis=1)
    within = (hour + rng.random(len(group))) * HOUR_MS
    return np.asarray(epoch_ms(day) + within.astype(np.int64))


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970 (UTC) of an aware moment."""
    return round(moment.timestamp() * 1000)


def day_start(config: SimulationConfig, day: int) -> datetime:
    """The UTC midnight that begins simulated day `day` (0 is the first)."""
    return config.start + timedelta(days=day)
